"""Products with sparse matrices against dense ones, values and gradients."""

import numpy as np
import torch
from scipy.sparse import csr_array, random_array

from heterophony.graph.sparse import sparse


def matrix(rows: int = 9, columns: int = 7) -> csr_array:
    made = random_array((rows, columns), density=0.3, rng=np.random.default_rng(4), format="csr")
    made.data[:] = np.random.default_rng(5).normal(size=made.nnz)
    return csr_array(made)


def test_product_and_gradient_equal_those_of_the_dense_matrix() -> None:
    given = matrix()
    assert (np.diff(given.indptr) == 0).any()  # a row without entries
    dense = torch.from_numpy(given.toarray())
    made = sparse(given, torch.float64)
    features = torch.randn(7, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    weight = torch.randn(9, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    got, want = made @ features, dense @ features
    torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)
    (gradient,) = torch.autograd.grad((got * weight).sum(), features)
    torch.testing.assert_close(gradient, dense.T @ weight, rtol=1e-12, atol=1e-12)
    assert torch.autograd.gradcheck(lambda given: made @ given, features)


def test_a_matrix_without_entries_gives_zeros() -> None:
    made = sparse(csr_array((3, 4), dtype=np.float32))
    assert torch.equal(made @ torch.ones(4, 2), torch.zeros(3, 2))


def test_the_same_product_gives_the_same_bits() -> None:
    made = sparse(matrix(200, 300))
    features = torch.randn(300, 16, generator=torch.Generator().manual_seed(2))
    assert torch.equal(made @ features, made @ features)
