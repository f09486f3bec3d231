r"""New samples at a bank of known ones: each is attached to its neighbours there, and changes nothing for anybody else.

The graph convolution of a bank with attached samples is that of the block matrix $[[L, 0], [R, \mathrm{diag}(r_0)]]$:
the bank does not see the new ones and they do not see each other, so an answer depends on the sample and the bank
alone. With weights $w_j = \exp(-d_j / \mu)$ of the k neighbours, $d = 1 + \sum_j w_j$ and $d_j$ the bank's own degrees,
$r_j = w_j / \sqrt{d\,d_j}$ and $r_0 = 1 / d$. Ours; the paper's samples are all in one graph.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64
from scipy.sparse import csr_array, diags_array, hstack
from torch import Tensor

from heterophony.graph.nearest import Neighbours, nearest


@dataclass(frozen=True, kw_only=True, eq=False)
class Bank:
    """The known samples of one modality.

    Attributes:
        vectors: Of those that have the modality.
        rows: Where each of them stands among all samples of the bank.
        degrees: Row sums of A + I, of all samples.
        mu: Unit of distance.
    """

    vectors: Float32[Tensor, "there dim"]
    rows: np.ndarray
    degrees: Float64[np.ndarray, " samples"]
    mu: float


@dataclass(frozen=True, eq=False)
class Attached:
    """New samples and what they are attached to.

    Attributes:
        rows: [R, diag(r_0)], float32 `[new, bank + new]`.
        neighbours: In the bank, nearest first; `index` counts all its samples. Of a sample that lacks the modality they
            mean nothing.
        novelty: Mean distance of the neighbours in units of mu; nan where the modality is absent. Far above what the
            bank's own samples have, a sample is like nothing known.
    """

    rows: csr_array
    neighbours: Neighbours
    novelty: Float64[np.ndarray, " new"]


def attach(
    new: Float32[Tensor, "new dim"],
    present: Bool[np.ndarray, " new"],
    bank: Bank,
    *,
    k: int = 60,
    search: str = "torch",
) -> Attached:
    """Looks up the neighbours of new samples and weighs them.

    Args:
        new: Vectors; what stands in rows without the modality does not matter, but must be finite.
        present: False for samples that lack it: they keep their self loop only.
        bank: What they are attached to.
        k: Neighbours of each; clamped to the bank.
        search: As in `nearest`.

    Raises:
        InputError, ConfigError, MissingExtraError: As `nearest` does.
    """
    found = nearest(bank.vectors, k, queries=new, search=search)
    index = bank.rows[found.index.numpy()]
    weight = np.exp(-found.distance.numpy() / bank.mu) * present[:, None]
    degree = 1 + weight.sum(axis=1)
    coefficient = weight / np.sqrt(degree[:, None] * bank.degrees[index])
    start = np.arange(0, index.size + 1, index.shape[1])
    to_bank = csr_array((coefficient.ravel(), index.ravel(), start), shape=(len(new), len(bank.degrees)))
    rows = csr_array(hstack([to_bank, diags_array(1 / degree)], format="csr")).astype(np.float32)
    rows.eliminate_zeros()
    rows.sort_indices()
    distance = found.distance.numpy().mean(axis=1) / bank.mu
    neighbours = Neighbours(_like(index, found.index), found.distance)
    return Attached(rows, neighbours, np.where(present, distance, np.nan))


def _like(values: np.ndarray, tensor: Tensor) -> Tensor:
    """A tensor of these numbers."""
    return tensor.new_tensor(values)
