"""Features spread over a graph once, twice, and so on, made once so that a plain network can be trained on them."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float32
from scipy.sparse import csr_array
from torch import Tensor
from torch.nn.functional import embedding_bag

from heterophony.errors import AlignmentError

_AT_ONCE = 2**16  # rows whose indices are widened to what the kernel reads


def diffused(
    matrix: csr_array, x: Float32[Tensor, "samples dim"], steps: int
) -> Iterator[Float32[Tensor, "samples dim"]]:
    """L x, L^2 x, ..., L^steps x, one after the other; two of them are in memory at a time.

    The rows of a product are made in blocks, so that a large matrix is never held in the wider form of the kernel.

    Args:
        matrix: L, `[samples, samples]`, float32.
        x: What is spread.
        steps: How often, >= 0.

    Raises:
        AlignmentError: The matrix is of other samples.
    """
    if matrix.shape != (len(x), len(x)):
        raise AlignmentError(f"diffused: a matrix {matrix.shape} cannot spread {len(x)} rows")
    for _ in range(steps):
        x = _product(matrix, x)
        yield x


def _product(matrix: csr_array, x: Float32[Tensor, "samples dim"]) -> Float32[Tensor, "samples dim"]:
    made = torch.empty_like(x)
    for first in range(0, len(x), _AT_ONCE):
        start = matrix.indptr[first : first + _AT_ONCE + 1].astype(np.int64)
        entries = slice(int(start[0]), int(start[-1]))
        column = torch.from_numpy(matrix.indices[entries].astype(np.int64))
        weight = torch.from_numpy(matrix.data[entries].astype(np.float32))
        offsets = torch.from_numpy(start[:-1] - start[0])
        made[first : first + _AT_ONCE] = embedding_bag(column, x, offsets, mode="sum", per_sample_weights=weight)
    return made
