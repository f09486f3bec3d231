import numpy as np
import pytest

from heterophony.metrics import confusion_matrix, resample
from heterophony.metrics.resample import resampled_confusions, units_of

PAIRS = np.random.default_rng(8).integers(9, size=(2, 40))


def drawn(units: np.ndarray) -> list[np.ndarray]:
    return list(resampled_confusions(PAIRS, units, 3, 6, np.random.default_rng(1)))


def test_a_row_without_a_group_stands_for_itself_also_beside_a_group_of_that_name() -> None:
    np.testing.assert_array_equal(units_of(["u", None, "u", "", None, "", "v"]), [0, 1, 0, 2, 3, 2, 4])


def test_a_draw_counts_the_rows_of_the_units_that_were_drawn_and_the_first_all_rows_once() -> None:
    units = np.arange(40) // 3
    generator = np.random.default_rng(1)
    picks = [range(14), *(generator.integers(14, size=14) for _ in range(6))]
    rows = [np.concatenate([np.flatnonzero(units == unit) for unit in pick]) for pick in picks]
    slow = [[confusion_matrix(pair[taken] // 3, pair[taken] % 3, 3) for pair in PAIRS] for taken in rows]
    (stack,) = drawn(units)
    np.testing.assert_array_equal(stack, slow)


def test_large_matrices_come_in_several_stacks_of_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    (whole,) = drawn(np.arange(40))
    for cells, sizes in ((20, [2, 2, 2, 1]), (1, [1] * 7)):
        monkeypatch.setattr(resample, "CELLS_AT_ONCE", cells)
        stacks = drawn(np.arange(40))
        assert [len(stack) for stack in stacks] == sizes
        np.testing.assert_array_equal(np.concatenate(stacks), whole)
