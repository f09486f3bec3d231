"""Two modalities of forty samples, and their graphs."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.graph.laplacian import normalised
from heterophony.graph.similarity import similarity_graph


@pytest.fixture
def views() -> list[Tensor]:
    """Vectors of 6 and of 4 numbers, in float64."""
    generator = np.random.default_rng(0)
    return [torch.from_numpy(generator.normal(size=(40, dim)).astype(np.float32)).double() for dim in (6, 4)]


@pytest.fixture
def adjacencies(views: list[Tensor]) -> list[csr_array]:
    """Who is near to whom in each."""
    return [similarity_graph(view.float(), k=5) for view in views]


@pytest.fixture
def graphs(adjacencies: list[csr_array]) -> list[csr_array]:
    """Their normalised matrices, in float64, so that products can be compared to 1e-12."""
    return [normalised(one).astype(np.float64) for one in adjacencies]
