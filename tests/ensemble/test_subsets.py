from itertools import combinations

import pytest

from heterophony.ensemble.subsets import Subsets
from heterophony.errors import ConfigError


@pytest.mark.parametrize(("pool", "smallest", "largest"), [(2, 2, 2), (5, 2, 5), (7, 3, 4), (8, 2, 7), (9, 4, 4)])
def test_subsets_are_numbered_as_combinations_are_listed(pool: int, smallest: int, largest: int) -> None:
    listed = [one for size in range(smallest, largest + 1) for one in combinations(range(pool), size)]
    subsets = Subsets(pool, smallest, largest)
    assert len(subsets) == len(listed)
    assert list(subsets) == listed
    assert [subsets.index(one) for one in listed] == list(range(len(listed)))


def test_the_numbers_of_the_audio_text_report() -> None:
    assert len(Subsets(37)) == 510_378
    assert len(Subsets(39)) == 667_888
    assert Subsets(37).members(510_377) == (32, 33, 34, 35, 36)


@pytest.mark.parametrize("first", [(0,), (3,), (6,), (0, 1), (2, 5), (5, 6), (0, 2, 3)])
def test_subsets_that_start_alike_stand_together(first: tuple[int, ...]) -> None:
    subsets = Subsets(7, 2, 4)
    parts = subsets.starting_with(*first)
    assert list(parts) == [size for size in (2, 3, 4) if size >= len(first)]
    for size, part in parts.items():
        wanted = [k for k, one in enumerate(subsets) if len(one) == size and one[: len(first)] == first]
        assert list(range(part.start, part.stop)) == wanted


@pytest.mark.parametrize(("pool", "smallest", "largest"), [(5, 1, 3), (5, 3, 2), (4, 2, 5), (20, 2, 8), (1, 2, 2)])
def test_impossible_sizes_are_refused(pool: int, smallest: int, largest: int) -> None:
    with pytest.raises(ConfigError, match="wanted 2 <= smallest <= largest <= 7"):
        Subsets(pool, smallest, largest)


def test_numbers_and_members_that_are_not_there_are_refused() -> None:
    subsets = Subsets(5, 2, 3)
    for number in (-1, 20):
        with pytest.raises(ConfigError, match=r"wanted 0\.\.19"):
            subsets.members(number)
    for members in ((), (1,), (1, 1), (0, 5), (-1, 2), (0, 1, 2, 3)):
        with pytest.raises(ConfigError, match=r"2 to 3 different of 0\.\.4"):
            subsets.index(members)
