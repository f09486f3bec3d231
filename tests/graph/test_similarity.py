"""Similarity graphs against a dense restatement, and the laws they keep."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist

from heterophony.graph import mean_distance, search_torch
from heterophony.graph import nearest as nearest_module
from heterophony.graph.nearest import nearest
from heterophony.graph.similarity import Symmetry, linked, similarity_graph


def dense(vectors: NDArray[np.float32], k: int, symmetry: str) -> NDArray[np.float64]:
    """Equation 1 on all pairs, the k largest of each row kept (ties by index), made symmetric."""
    far = cdist(vectors.astype(np.float64), vectors.astype(np.float64))
    off = ~np.eye(len(far), dtype=bool)
    weight = np.exp(-far / far[off].mean())
    np.fill_diagonal(far, np.inf)
    kept = np.zeros_like(weight)
    for row, order in enumerate(np.argsort(far, axis=1, kind="stable")[:, :k]):
        kept[row, order] = weight[row, order]
    rules = {
        "directed": kept,
        "union": np.maximum(kept, kept.T),
        "mutual": np.minimum(kept, kept.T),
        "mean": (kept + kept.T) / 2,
    }
    return rules[symmetry]


def vectors(rows: int = 80, dim: int = 6) -> NDArray[np.float32]:
    return np.random.default_rng(1).normal(size=(rows, dim)).astype(np.float32)


def graph(rows: NDArray[np.float32], k: int = 5, symmetry: Symmetry = "union") -> csr_array:
    return similarity_graph(torch.from_numpy(rows), k=k, symmetry=symmetry)


@pytest.mark.parametrize("symmetry", ["directed", "union", "mutual", "mean"])
def test_equals_the_dense_formula(symmetry: Symmetry) -> None:
    rows = vectors()
    rows[7] = rows[9]
    np.testing.assert_allclose(graph(rows, 5, symmetry).toarray(), dense(rows, 5, symmetry), rtol=2e-6)


def test_every_row_of_a_union_has_at_least_k_and_none_is_its_own_neighbour() -> None:
    made = graph(vectors(), 5)
    assert np.diff(made.indptr).min() >= 5
    assert not made.diagonal().any()
    assert 0 < made.data.min() <= made.data.max() <= 1
    assert abs(made - made.T).sum() == 0
    assert graph(vectors(), 5, "directed").nnz == 80 * 5
    assert made.dtype == np.float32


def test_scale_rotation_and_translation_change_nothing() -> None:
    rows = vectors()
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))[0]
    moved = ((rows.astype(np.float64) @ turn) * 37 + 4).astype(np.float32)
    one, other = graph(rows), graph(moved)
    np.testing.assert_array_equal(one.indices, other.indices)
    np.testing.assert_allclose(one.data, other.data, rtol=1e-4)


@pytest.mark.parametrize("block", [7, 4096])
def test_blocks_of_any_size_give_the_same_graph(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = graph(vectors())
    for module, name in ((nearest_module, "_AT_ONCE"), (search_torch, "_AT_ONCE"), (mean_distance, "_BLOCK")):
        monkeypatch.setattr(module, name, block)
    part = graph(vectors())
    np.testing.assert_array_equal(part.indices, whole.indices)
    np.testing.assert_array_equal(part.indptr, whole.indptr)
    np.testing.assert_allclose(part.data, whole.data, rtol=1e-6)  # the unit is a sum of the blocks


def test_twins_are_linked_with_the_weight_one_and_k_is_clamped() -> None:
    rows = np.concatenate([vectors(4), vectors(4)])
    made = graph(rows, 60)
    assert made.nnz == 8 * 7
    assert all(made[row, row + 4] == 1 for row in range(4))


def test_a_given_unit_is_used() -> None:
    rows = torch.tensor([[0.0], [2.0], [3.0]])
    made = similarity_graph(rows, k=1, symmetry="directed", mu=2.0)
    np.testing.assert_allclose(made.data, np.exp([-1.0, -0.5, -0.5]), rtol=1e-6)


def test_the_neighbours_stay_in_their_order() -> None:
    found = nearest(torch.from_numpy(vectors()), 5)
    before = found.index.clone()
    linked(found, 1.0, "union")
    assert torch.equal(found.index, before)
