r"""New samples at a bank of known ones: each is attached to its neighbours there, and changes nothing for anybody else.

The graph convolution of a bank with attached samples is that of the block matrix
$[[L, 0], [R, \mathrm{diag}(r_0)]]$: the bank does not see the new ones and they do not see each other, so an answer
depends on the sample and the bank alone. With weights $w_j = \exp(-d_j / \mu)$ of the k neighbours,
$d = 1 + \sum_j w_j$ and $d_j$ the bank's own degrees, $r_j = w_j / \sqrt{d\,d_j}$ and $r_0 = 1 / d$. Ours; the samples
of the paper are all in one graph.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64
from scipy.sparse import csr_array, diags_array, hstack
from torch import Tensor

from heterophony.graph.laplacian import degrees
from heterophony.graph.nearest import nearest
from heterophony.graph.similarity import linked


@dataclass(frozen=True, kw_only=True, eq=False)
class Bank:
    """The known samples of one modality.

    Attributes:
        vectors: Of those that have the modality.
        rows: Where each of them stands among all samples of the bank.
        samples: How many there are in all.
        mu: Unit of distance.
    """

    vectors: Float32[Tensor, "there dim"]
    rows: Int64[np.ndarray, " there"]
    samples: int
    mu: float


@dataclass(frozen=True, eq=False)
class Links:
    """New samples and their neighbours in a bank.

    Attributes:
        weights: float32 `[new, samples]`, k entries in a row; none in the row of a sample without the modality.
        neighbours: Samples of the bank, nearest first; they mean nothing where the modality is absent.
        distance: To each.
        novelty: Mean distance in units of mu; nan where the modality is absent. Far above what the samples of the bank
            have among themselves, a sample is like nothing known.
    """

    weights: csr_array
    neighbours: Int64[np.ndarray, "new k"]
    distance: Float64[np.ndarray, "new k"]
    novelty: Float64[np.ndarray, " new"]


def links(
    new: Float32[Tensor, "new dim"],
    present: Bool[np.ndarray, " new"],
    bank: Bank,
    *,
    k: int = 60,
    search: str = "torch",
) -> Links:
    """Looks up the neighbours of new samples.

    Args:
        new: Vectors; what stands in rows without the modality does not matter, but must be finite.
        present: False for samples that lack it.
        bank: Where to look.
        k: Neighbours of each; clamped to the bank.
        search: As in `nearest`.

    Raises:
        InputError, ConfigError, MissingExtraError: As `nearest` does.
    """
    found = nearest(bank.vectors, k, queries=new, search=search)
    index, distance = bank.rows[found.index.numpy()], found.distance.numpy()
    weight = (np.exp(-distance / bank.mu) * present[:, None]).astype(np.float32)
    start = np.arange(0, index.size + 1, index.shape[1])
    weights = csr_array((weight.ravel(), index.ravel().copy(), start), shape=(len(new), bank.samples))
    weights.eliminate_zeros()
    weights.sort_indices()
    return Links(weights, index, distance, np.where(present, distance.mean(axis=1) / bank.mu, np.nan))


def attached(
    weights: csr_array, bank_degrees: Float64[np.ndarray, " samples"], among: csr_array | None = None
) -> csr_array:
    """The rows of new samples below a normalised matrix: [R, diag(r_0)], float32 `[new, samples + new]`.

    Args:
        weights: Of their links to the bank.
        bank_degrees: Row sums of A + I of the bank.
        among: Weights of links between the new samples themselves, where they are to see each other (segments of a
            clip); None for none.
    """
    count = weights.shape[0]
    own = csr_array((count, count), dtype=np.float32) if among is None else among
    degree = degrees(csr_array(hstack([weights, own])))
    scale = diags_array(1 / np.sqrt(degree))
    to_bank = scale @ weights.astype(np.float64) @ diags_array(1 / np.sqrt(bank_degrees))
    to_new = scale @ (own.astype(np.float64) + diags_array(np.ones(count))) @ scale
    rows = csr_array(hstack([to_bank, to_new], format="csr")).astype(np.float32)
    rows.sort_indices()
    return rows


def links_among(
    new: Float32[Tensor, "new dim"], clips: Int64[np.ndarray, " new"], mu: float, *, k: int = 60
) -> csr_array:
    """Links between new samples of one clip, each with its k nearest there: symmetric, float32 `[new, new]`."""
    rows, columns, values = [], [], []
    for clip in np.unique(clips):
        members = np.flatnonzero(clips == clip)
        if len(members) > 1:
            graph = linked(nearest(new[members], k), mu, "union").tocoo()
            rows.append(members[graph.row])
            columns.append(members[graph.col])
            values.append(graph.data)
    if not rows:
        return csr_array((len(new), len(new)), dtype=np.float32)
    where = (np.concatenate(rows), np.concatenate(columns))
    return csr_array((np.concatenate(values), where), shape=(len(new), len(new)))
