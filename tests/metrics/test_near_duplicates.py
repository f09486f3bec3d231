"""Planted duplicates with known counts, exact neighbours against a slow restatement, and what is no neighbour."""

import numpy as np
import pytest

from heterophony.errors import ConfigError
from heterophony.metrics.near_duplicates import near_duplicates


def far_apart(rows: int, seed: int = 0) -> np.ndarray:
    """Rows of which no two have a cosine of 0.9 or more."""
    return np.random.default_rng(seed).normal(size=(rows, 64)).astype(np.float32)


def test_planted_duplicates_are_found_and_no_others() -> None:
    x, fold = far_apart(60), np.arange(60) % 3
    x[1] = x[0]  # folds 1 and 0: equal
    x[4] = 2.5 * x[2]  # folds 1 and 2: the same direction
    x[9] = x[6]  # both in fold 0: no leakage
    x[11] = x[7] + 0.01 * x[8]  # folds 2 and 1: nearly the same
    found = near_duplicates(x, np.ones(60, dtype=np.bool_), fold)
    assert np.flatnonzero(found.doubtful).tolist() == [0, 1, 2, 4, 7, 11]
    assert found.twin[[0, 1, 2, 4, 7, 11]].tolist() == [1, 0, 4, 2, 11, 7]
    assert np.flatnonzero(found.equal).tolist() == [0, 1]
    assert found.cosine[2] == pytest.approx(1, abs=1e-6)
    assert found.cosine[7] == pytest.approx(found.cosine[11], abs=1e-12)


@pytest.mark.parametrize("threshold", [0.2, 0.4, 0.99])
def test_the_neighbours_are_the_exact_ones(threshold: float) -> None:
    x, rng = far_apart(90, seed=1), np.random.default_rng(2)
    fold, present = rng.integers(-1, 4, 90), rng.random(90) < 0.8
    found = near_duplicates(x, present, fold, threshold)
    for row in range(90):
        others = [i for i in range(90) if present[i] and fold[i] != fold[row]]
        if not present[row] or fold[row] < 0:
            assert found.twin[row] == -1
            assert np.isnan(found.cosine[row])
            continue
        cosines = [float(x[i] @ x[row] / np.linalg.norm(x[i]) / np.linalg.norm(x[row])) for i in others]
        assert found.cosine[row] == pytest.approx(max(cosines), abs=1e-6)
        assert found.twin[row] == (others[int(np.argmax(cosines))] if max(cosines) >= threshold else -1)
    assert found.known.tolist() == (present & (fold >= 0)).tolist()


def test_a_row_beside_the_collection_is_a_twin_and_is_never_tested() -> None:
    x = far_apart(4)
    x[3] = x[0]
    found = near_duplicates(x, np.ones(4, dtype=np.bool_), np.array([0, 0, 1, -1]))
    assert found.twin.tolist() == [3, -1, -1, -1]
    assert found.known.tolist() == [True, True, True, False]


def test_vectors_of_zeros_are_only_like_each_other_and_a_sign_of_zero_means_nothing() -> None:
    x = np.array([[0, 0], [-0.0, 0], [1, 0], [0, 1]], dtype=np.float32)
    found = near_duplicates(x, np.ones(4, dtype=np.bool_), np.array([0, 1, 0, 1]))
    assert found.twin.tolist() == [1, 0, -1, -1]
    assert found.cosine.tolist() == [1, 1, 0, 0]


def test_a_single_fold_shares_nothing() -> None:
    x = np.ones((3, 2), dtype=np.float32)
    found = near_duplicates(x, np.ones(3, dtype=np.bool_), np.zeros(3, dtype=np.int64))
    assert not found.doubtful.any()
    assert np.isnan(found.cosine).all()


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x, fold, present = far_apart(300, seed=3), np.arange(300) % 5, np.ones(300, dtype=np.bool_)
    whole = near_duplicates(x, present, fold, 0.3)
    monkeypatch.setattr("heterophony.metrics.near_duplicates._BLOCK_MIB", 0.01)
    parts = near_duplicates(x, present, fold, 0.3)
    assert parts.twin.tolist() == whole.twin.tolist()
    np.testing.assert_array_equal(parts.cosine, whole.cosine)


@pytest.mark.parametrize("threshold", [0, -1, 1.1, float("nan")])
def test_a_threshold_that_is_no_cosine_is_refused(threshold: float) -> None:
    with pytest.raises(ConfigError, match="wanted a cosine"):
        near_duplicates(far_apart(2), np.ones(2, dtype=np.bool_), np.array([0, 1]), threshold)
