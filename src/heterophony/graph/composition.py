"""What the neighbours of a sample are: of its class, of its group, training samples. It decides what a graph is worth.

Homophily is the share of neighbours of the same class, as a mean over nodes (Pei et al., ICLR 2020). Where neighbours
come from the sample's own group (its clip, place or uploader), a gain over samples seen alone is that of pooling the
group, not of knowing more; where they are not of its class, spreading does harm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int
from scipy.sparse import csr_array

from heterophony.errors import AlignmentError


@dataclass(frozen=True, kw_only=True)
class Composition:
    """Means over the samples asked about that have neighbours; shares of 1, nan where nothing is known.

    Attributes:
        neighbours: How many each has.
        homophily: Share of its neighbours with a known class that have its class.
        expected: The same if neighbours were drawn at random: the sum of squared shares of the classes.
        same_group: Share of its neighbours of its group.
        training: Share of its neighbours that are training samples.
    """

    neighbours: float
    homophily: float
    expected: float
    same_group: float
    training: float


def composition(
    adjacency: csr_array,
    target: Int[np.ndarray, " samples"],
    groups: Sequence[str | None],
    training: Bool[np.ndarray, " samples"],
    rows: Int[np.ndarray, " asked"] | None = None,
) -> Composition:
    """Looks at the neighbours of some samples.

    Args:
        adjacency: The graph, without self loops.
        target: True classes; -1 where unknown.
        groups: What each belongs to; None: to nothing.
        training: Which are training samples.
        rows: Whose neighbours; None: everybody's.

    Raises:
        AlignmentError: The lengths differ.
    """
    samples = adjacency.shape[0]
    if not len(target) == len(groups) == len(training) == samples:
        raise AlignmentError(
            f"composition: {samples} nodes, {len(target)} targets, {len(groups)} groups, {len(training)} flags"
        )
    asked = np.arange(samples) if rows is None else rows
    kept = csr_array(adjacency[asked])
    row = np.repeat(np.arange(len(asked)), np.diff(kept.indptr))
    own, other = asked[row], kept.indices
    numbers = numbered(groups)
    known = (target[own] >= 0) & (target[other] >= 0)
    shares = np.bincount(target[target >= 0]) / max(1, (target >= 0).sum())
    grouped = numbers[own] >= 0
    return Composition(
        neighbours=float(np.diff(kept.indptr).mean()) if len(asked) else float("nan"),
        homophily=_mean_share(row, target[own] == target[other], known),
        expected=float((shares**2).sum()) if len(shares) else float("nan"),
        same_group=_mean_share(row, numbers[own] == numbers[other], grouped),
        training=_mean_share(row, training[other], np.ones(len(row), dtype=bool)),
    )


def without_same_group(adjacency: csr_array, groups: Sequence[str | None]) -> csr_array:
    """The graph without the edges inside a group: what is left when a group must not help itself."""
    numbers = numbered(groups)
    edges = adjacency.tocoo()
    inside = (numbers[edges.row] == numbers[edges.col]) & (numbers[edges.row] >= 0)
    kept = csr_array((edges.data[~inside], (edges.row[~inside], edges.col[~inside])), shape=adjacency.shape)
    kept.sort_indices()
    return kept


def numbered(groups: Sequence[str | None]) -> Int[np.ndarray, " samples"]:
    """Groups as numbers; -1 for none."""
    number = {name: place for place, name in enumerate(dict.fromkeys(name for name in groups if name is not None))}
    return np.array([-1 if name is None else number[name] for name in groups], dtype=np.int64)


def _mean_share(
    row: Int[np.ndarray, " edges"], hit: Bool[np.ndarray, " edges"], counts: Bool[np.ndarray, " edges"]
) -> float:
    """The mean over rows of the share of their edges, among those that count, that are hits."""
    total = np.bincount(row[counts])
    hits = np.bincount(row[counts], hit[counts], len(total))
    return float((hits[total > 0] / total[total > 0]).mean()) if total.any() else float("nan")
