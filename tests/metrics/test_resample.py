import numpy as np
import pytest

from heterophony.metrics import confusion_matrix, resample
from heterophony.metrics.hierarchical import hierarchical_f1
from heterophony.metrics.resample import resampled_scores, units_of
from heterophony.taxonomy import from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])
PAIRS = np.random.default_rng(8).integers(9, size=(2, 40))


def scores(units: np.ndarray, seed: int = 1, draws: int = 6) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return resampled_scores(PAIRS, units, lambda counts: hierarchical_f1(counts, TREE), 3, draws, generator)


def test_a_row_without_a_group_stands_for_itself_also_beside_a_group_of_that_name() -> None:
    np.testing.assert_array_equal(units_of(["u", None, "u", "", None, "", "v"]), [0, 1, 0, 2, 3, 2, 4])


def test_a_draw_is_the_score_of_the_rows_that_were_drawn() -> None:
    units = np.arange(40) // 3
    generator = np.random.default_rng(1)
    picks = [range(14), *(generator.integers(14, size=14) for _ in range(6))]
    drawn = [np.concatenate([np.flatnonzero(units == unit) for unit in pick]) for pick in picks]
    slow = [
        [float(hierarchical_f1(confusion_matrix(row[rows] // 3, row[rows] % 3, 3), TREE)) for row in PAIRS]
        for rows in drawn
    ]
    np.testing.assert_array_equal(scores(units), slow)


def test_draws_are_scored_in_blocks_of_bounded_size_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scores(np.arange(40))
    monkeypatch.setattr(resample, "_CELLS_AT_ONCE", 20)
    np.testing.assert_array_equal(scores(np.arange(40)), whole)
    monkeypatch.setattr(resample, "_CELLS_AT_ONCE", 1)
    np.testing.assert_array_equal(scores(np.arange(40)), whole)
