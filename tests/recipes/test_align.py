"""The map between two spaces: exact where one is the other turned, and never more than turned."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from heterophony.recipes.align import ROWS, align, spread, unexplained


def turned(dim: int, seed: int) -> np.ndarray:
    """An orthogonal matrix; a mirroring too for odd seeds."""
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))[0]
    turn[:, 0] *= np.sign(np.linalg.det(turn)) * (-1) ** seed
    return turn


@pytest.mark.parametrize(("rows", "dim", "seed"), [(40, 8, 0), (40, 8, 1), (ROWS + 100, 3, 2)])
def test_a_turned_and_moved_space_is_turned_back(rows: int, dim: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    onto = (rng.normal(size=(rows, dim)) * np.arange(1, dim + 1) + rng.normal(size=dim)).astype(np.float32)
    x = ((onto - 2.0) @ turned(dim, seed) + rng.normal(size=dim)).astype(np.float32)
    bring = align(x[:-5], onto[:-5])
    np.testing.assert_allclose(bring(x), onto, atol=1e-5)
    assert unexplained(bring(x), onto) < 1e-10
    assert unexplained(x, onto) > 0.1


def test_the_map_is_that_of_procrustes_and_keeps_distances() -> None:
    rng = np.random.default_rng(3)
    onto, x = rng.normal(size=(2, 60, 5)).astype(np.float32)
    bring = align(x, onto)
    wanted, _ = orthogonal_procrustes((x - x.mean(axis=0)).astype(float), (onto - onto.mean(axis=0)).astype(float))
    np.testing.assert_allclose(bring.turn, wanted, atol=1e-6)
    new = rng.normal(size=(2, 5)).astype(np.float32)
    moved = bring(new)
    assert np.linalg.norm(moved[0] - moved[1]) == pytest.approx(np.linalg.norm(new[0] - new[1]), rel=1e-5)


def test_directions_that_no_row_has_stay_as_they_are() -> None:
    rng = np.random.default_rng(4)
    onto = np.zeros((30, 6), dtype=np.float32)
    onto[:, :2] = rng.normal(size=(30, 2))
    x = onto.copy()
    x[:, :2] = onto[:, :2] @ turned(2, 5)
    bring = align(x, onto)
    np.testing.assert_allclose(bring.turn[2:, 2:], np.eye(4), atol=1e-6)
    np.testing.assert_allclose(bring(x), onto, atol=1e-5)
    few = align(onto[:1], onto[:1])
    np.testing.assert_allclose(few.turn, np.eye(6), atol=1e-12)


def test_what_is_absent_stays_absent() -> None:
    x = np.random.default_rng(6).normal(size=(9, 3)).astype(np.float32)
    bring = align(x, x)
    some = x.copy()
    some[4] = np.nan
    assert np.isnan(bring(some)).any(axis=1).tolist() == [row == 4 for row in range(9)]
    assert bring(x[:0]).shape == (0, 3)


def test_shares_of_the_spread() -> None:
    onto = np.array([[0.0, 0.0], [2.0, 0.0]], dtype=np.float32)
    assert unexplained(onto, onto) == 0.0
    assert unexplained(np.array([[1.0, 0.0], [1.0, 0.0]], dtype=np.float32), onto) == pytest.approx(1), (
        "its mean explains nothing"
    )
    assert spread(np.array([[1.0, 4.0], [3.0, 4.0]], dtype=np.float32)) == pytest.approx(2**0.5)
    assert unexplained(onto[:1], onto[:1]) == 0.0
    assert unexplained(onto[1:], onto[:1]) == 1.0
