r"""The similarity graph of one modality: every sample linked with its k nearest, near ones more.

Source: multimodal graph fusion, equation 1: $A(i, j) = \exp(-\lVert x_i - x_j \rVert_2 / \mu)$, kept for the k = 60
largest of each row. i may be near to j and j not to i; the paper
does not say what becomes of such pairs, so `Symmetry` names the possibilities.

Near neighbours lie closer than mu, so all weights are between 1/e and 1: who is linked matters more than how much.
"""

from typing import Literal

import numpy as np
from jaxtyping import Float32
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.graph.mean_distance import mean_distance
from heterophony.graph.nearest import Neighbours, nearest

Symmetry = Literal["union", "directed", "mutual", "mean"]


def similarity_graph(
    vectors: Float32[Tensor, "samples dim"],
    *,
    k: int = 60,
    symmetry: Symmetry = "union",
    mu: float | None = None,
    search: str = "torch",
) -> csr_array:
    """The weighted graph of all samples, without self loops.

    Args:
        vectors: One row per sample.
        k: Neighbours of each; clamped to the samples that there are.
        symmetry: "union": an edge that either end lists (default); "mutual": that both list; "mean": half the weight
            where one lists it; "directed": row i has the k neighbours of i only.
        mu: Unit of distance; None: the mean over all pairs.
        search: Which search proposes neighbours (`nearest`); all give the same graph.

    Returns:
        float32 `[samples, samples]`, weights in (0, 1], indices sorted.

    Raises:
        ConfigError, InputError, MissingExtraError: As `nearest` and `mean_distance` do.
    """
    found = nearest(vectors, k, search=search)
    return linked(found, mean_distance(vectors) if mu is None else mu, symmetry)


def linked(found: Neighbours, mu: float, symmetry: Symmetry) -> csr_array:
    """The graph of neighbours that were looked up among themselves; arguments as `similarity_graph`."""
    samples, k = found.index.shape
    weight = np.exp(-found.distance.numpy() / mu).astype(np.float32)
    start = np.arange(0, samples * k + 1, k)
    columns = found.index.numpy().ravel().copy()  # sorted in place below
    one_way = csr_array((weight.ravel(), columns, start), shape=(samples, samples))
    one_way.sort_indices()
    if symmetry == "directed":
        return one_way
    back = csr_array(one_way.T)
    if symmetry == "union":
        both = one_way.maximum(back)
    elif symmetry == "mutual":
        both = one_way.minimum(back)
    else:
        both = (one_way + back) * np.float32(0.5)
    both = csr_array(both)
    both.eliminate_zeros()
    both.sort_indices()
    return both
