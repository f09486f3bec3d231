"""Powers of a sparse matrix on features are those of the dense matrix."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from heterophony.errors import AlignmentError
from heterophony.graph import diffusion
from heterophony.graph.diffusion import diffused


@pytest.mark.parametrize("at_once", [1, 7, 2**16])
def test_steps_are_powers_whatever_the_blocks(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffusion, "_AT_ONCE", at_once)
    rng = np.random.default_rng(0)
    dense = rng.random((30, 30)) * (rng.random((30, 30)) < 0.2)
    dense[4] = 0  # an empty row
    matrix = csr_array(dense.astype(np.float32))
    x = torch.randn(30, 5, generator=torch.Generator().manual_seed(1))
    want = x.double().numpy()
    made = list(diffused(matrix, x, 3))
    assert len(made) == 3
    for got in made:
        want = matrix.toarray().astype(np.float64) @ want
        np.testing.assert_allclose(got, want, atol=1e-5)
    assert list(diffused(matrix, x, 0)) == []


def test_a_matrix_of_others_is_refused() -> None:
    with pytest.raises(AlignmentError, match=r"a matrix \(3, 3\) cannot spread 4 rows"):
        list(diffused(csr_array((3, 3), dtype=np.float32), torch.zeros(4, 2), 1))
