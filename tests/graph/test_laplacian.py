"""The normalised matrix against the dense formula, and graphs of which it is known."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from heterophony.errors import AlignmentError
from heterophony.graph.laplacian import degrees, normalised
from heterophony.graph.similarity import similarity_graph


@pytest.fixture
def adjacency() -> csr_array:
    rows = np.random.default_rng(3).normal(size=(50, 4)).astype(np.float32)
    return similarity_graph(torch.from_numpy(rows), k=6)


def test_equals_the_dense_formula(adjacency: csr_array) -> None:
    whole = adjacency.toarray().astype(np.float64) + np.eye(50)
    root = np.diag(1 / np.sqrt(whole.sum(axis=1)))
    np.testing.assert_allclose(normalised(adjacency).toarray(), root @ whole @ root, atol=1e-7)


def test_an_empty_graph_gives_the_identity_and_a_complete_one_the_mean() -> None:
    np.testing.assert_array_equal(normalised(csr_array((5, 5), dtype=np.float32)).toarray(), np.eye(5))
    complete = csr_array(np.ones((5, 5), np.float32) - np.eye(5, dtype=np.float32))
    np.testing.assert_allclose(normalised(complete).toarray(), np.full((5, 5), 0.2), atol=1e-7)


def test_eigenvalues_lie_in_the_unit_interval_and_the_first_vector_is_the_root_of_the_degrees(
    adjacency: csr_array,
) -> None:
    values, vectors = np.linalg.eigh(normalised(adjacency).toarray().astype(np.float64))
    assert values.min() > -1
    assert values.max() == pytest.approx(1, abs=1e-6)
    root = np.sqrt(degrees(adjacency))
    np.testing.assert_allclose(np.abs(vectors[:, -1]), root / np.linalg.norm(root), atol=1e-4)


def test_an_absent_sample_keeps_only_itself(adjacency: csr_array) -> None:
    present = np.ones(50, dtype=bool)
    present[[4, 9]] = False
    got = normalised(adjacency, present).toarray()
    kept = np.flatnonzero(present)
    np.testing.assert_allclose(got[np.ix_(kept, kept)], normalised(adjacency[kept][:, kept]).toarray(), atol=1e-7)
    np.testing.assert_array_equal(got[[4, 9]], np.eye(50)[[4, 9]])
    with pytest.raises(AlignmentError, match="3 flags for 50 samples"):
        normalised(adjacency, present[:3])
