"""One fold with a test part that others have fixed: the test part never chooses, and no place is on two sides."""

import numpy as np
import pytest

from heterophony.clips import is_official, official_split, read_split, write_split
from heterophony.errors import InputError


@pytest.fixture
def scenes():
    """Labels, places and parts of 240 clips of 3 scenes, 20 places each, four clips of each place."""
    label = [f"scene {row // 80}" for row in range(240)]
    place = [f"place {row // 4}" for row in range(240)]
    part = ["test" if (row // 4) % 20 < 5 else "train" for row in range(240)]
    return label, place, part


def test_the_test_part_is_the_official_one_and_no_place_is_in_two_parts(scenes):
    label, place, part = scenes
    split = official_split(label, part, groups=place)
    assert split.folds == 1
    assert split.fixed_test
    train, validation, test = split.parts(0)
    assert sorted([*train, *validation, *test]) == list(range(240))
    assert test.tolist() == [row for row in range(240) if part[row] == "test"]
    places = [{place[row] for row in rows} for rows in (train, validation, test)]
    assert not places[0] & places[1]
    assert not places[0] & places[2]
    assert not places[1] & places[2]
    assert np.unique([label[row] for row in validation], return_counts=True)[1].tolist() == [12, 12, 12]


def test_the_seed_draws_validation_only(scenes):
    label, place, part = scenes
    one, again, other = (official_split(label, part, groups=place, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.validation[0], again.validation[0])
    assert not np.array_equal(np.sort(one.validation[0]), np.sort(other.validation[0]))
    assert np.array_equal(one.parts(0)[2], other.parts(0)[2])


def test_validation_that_is_named_is_kept(scenes):
    label, _, part = scenes
    named = ["val" if name == "train" and row % 4 == 0 else name for row, name in enumerate(part)]
    split = official_split(label, named)
    assert split.validation[0].tolist() == [row for row in range(240) if named[row] == "val"]
    assert split.train[0].tolist() == [row for row in range(240) if named[row] == "train"]


def test_it_is_written_and_read(scenes, tmp_path):
    label, place, part = scenes
    split = official_split(label, part, groups=place, ids=[f"c{row}" for row in range(240)])
    write_split(split, tmp_path / "split.csv")
    again = read_split(tmp_path / "split.csv", split.ids)
    assert again.fixed_test
    assert np.array_equal(again.fold, split.fold)
    for mine, theirs in zip(split.parts(0), again.parts(0), strict=True):
        assert np.array_equal(np.sort(mine), np.sort(theirs))


def test_a_single_fold_that_tests_nothing_is_no_split(tmp_path):
    (tmp_path / "split.csv").write_text("id,fold,part\na,0,train\nb,0,validation\n")
    with pytest.raises(InputError, match="every clip must be tested in exactly one fold"):
        read_split(tmp_path / "split.csv")


@pytest.mark.parametrize(
    ("fold", "official"),
    [(["train", "test"], True), (["1", "2"], False), (["train", "train"], False), (["train", "test", "extra"], False)],
)
def test_what_an_official_column_is(fold, official):
    assert is_official(fold) == official


def test_what_cannot_be_parted_is_refused(scenes):
    label, place, part = scenes
    with pytest.raises(InputError, match="1 clips are of no part: 3; fill in"):
        official_split(label, [*part[:3], None, *part[4:]])
    with pytest.raises(InputError, match="wanted train and test; the column has 1, test"):
        official_split(label, ["test" if name == "test" else "1" for name in part])
    few = [f"place {row // 80}" for row in range(240)]
    with pytest.raises(InputError, match="validation by group needs 5"):
        official_split(label, part, groups=few)
    with pytest.raises(InputError, match="1 clips have no group"):
        official_split(label, part, groups=[None, *place[1:]])
