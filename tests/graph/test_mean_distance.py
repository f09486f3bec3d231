"""mu against SciPy's pairwise distances."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist

from heterophony.errors import InputError
from heterophony.graph import mean_distance as module
from heterophony.graph.mean_distance import mean_distance


@pytest.mark.parametrize("block", [1, 7, 4096])
def test_equals_the_mean_of_all_pairs_in_blocks_of_any_size(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", block)
    rows = np.random.default_rng(0).normal(size=(60, 9)).astype(np.float32) + 50
    rows[3] = rows[4]
    assert mean_distance(torch.from_numpy(rows)) == pytest.approx(pdist(rows.astype(np.float64)).mean(), rel=1e-6)


def test_a_worked_example() -> None:
    assert mean_distance(torch.tensor([[0.0], [1.0], [3.0]])) == pytest.approx(2.0)


def test_rows_without_a_unit_are_refused() -> None:
    with pytest.raises(InputError, match="all 3 rows are equal"):
        mean_distance(torch.ones(3, 2))
    with pytest.raises(InputError, match="1 rows; wanted two or more"):
        mean_distance(torch.ones(1, 2))
    with pytest.raises(InputError, match="all finite"):
        mean_distance(torch.tensor([[1.0], [torch.inf]]))
