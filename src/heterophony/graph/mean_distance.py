"""The mean Euclidean distance of all pairs of rows: the unit in which a similarity graph measures."""

import torch
from jaxtyping import Float32
from torch import Tensor

from heterophony.errors import InputError

_BLOCK = 1024  # distances of a block stay in the cache


def mean_distance(vectors: Float32[Tensor, "rows dim"]) -> float:
    """mu, over the ordered pairs i != j, summed in float64.

    Source: multimodal graph fusion, equation 1 ("mean Euclidean distance of all embeddings").

    Raises:
        InputError: There are fewer than two rows, a number is not finite, or all rows are equal (no unit).
    """
    if len(vectors) < 2 or not bool(vectors.isfinite().all()):
        raise InputError(f"mean_distance: {len(vectors)} rows; wanted two or more, all finite")
    moved = vectors - vectors.mean(dim=0)  # small numbers lose less in a product
    squares = (moved * moved).sum(dim=1)
    total = torch.zeros((), dtype=torch.float64)
    for start in range(0, len(moved), _BLOCK):
        rows = slice(start, start + _BLOCK)
        for other in range(start, len(moved), _BLOCK):
            columns = slice(other, other + _BLOCK)
            block = torch.addmm(squares[columns], moved[rows], moved[columns].T, alpha=-2).add_(squares[rows, None])
            if other == start:
                block.fill_diagonal_(0)
            far = block.clamp_(min=0).sqrt_().sum(dim=1).sum(dtype=torch.float64)
            total += far if other == start else 2 * far
    mean = float(total) / (len(moved) * (len(moved) - 1))
    if not mean > 0:
        raise InputError(f"mean_distance: all {len(vectors)} rows are equal; such vectors tell nothing apart")
    return mean
