"""Near-duplicates between the folds of a split: rows whose vector another fold has too, or nearly."""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int

from heterophony.errors import ConfigError
from heterophony.metrics.leakage import Twins

NEAR = 0.99
"""Cosine from which two vectors count as near-duplicates."""
_BLOCK_MIB = 64


def near_duplicates(
    vectors: Float32[np.ndarray, "rows dim"],
    present: Bool[np.ndarray, " rows"],
    fold: Int[np.ndarray, " rows"],
    threshold: float = NEAR,
) -> Twins:
    """Rows whose vector is that of a row of another fold, or nearly: exact neighbours, in blocks of bounded memory.

    A vector of zeros has a cosine of 0 with all others, so only an equal one is its twin.

    Args:
        vectors: One per row.
        present: Rows that have one.
        fold: The fold that tests each row; -1 for rows beside.
        threshold: Cosine from which on a row is a near-duplicate.

    Raises:
        ConfigError: The threshold is not in 0 < t <= 1.
    """
    if not 0 < threshold <= 1:
        raise ConfigError(f"near-duplicates: threshold {threshold}; wanted a cosine above 0, at most 1")
    twin, equal = np.full(len(fold), -1, dtype=np.int64), np.zeros(len(fold), dtype=np.bool_)
    cosine = np.full(len(fold), np.nan)
    for number in np.unique(fold[fold >= 0]):
        tested, rest = np.flatnonzero(present & (fold == number)), np.flatnonzero(present & (fold != number))
        if not len(tested) or not len(rest):
            continue
        same = _equal(vectors[tested], vectors[rest])
        near = np.where(same >= 0, same, _nearest(vectors[tested], vectors[rest]))
        cosine[tested] = np.where(same >= 0, 1.0, _cosine(vectors[tested], vectors[rest[near]]))
        equal[tested] = same >= 0
        twin[tested] = np.where(cosine[tested] >= threshold, rest[near], -1)
    return Twins(known=present & (fold >= 0), twin=twin, cosine=cosine, equal=equal)


def _equal(
    some: Float32[np.ndarray, "some dim"], others: Float32[np.ndarray, "others dim"]
) -> Int[np.ndarray, " some"]:
    """For each row the first of `others` with the same numbers; -1 where there is none."""
    at: dict[bytes, int] = {}
    for row, vector in enumerate(others + 0.0):  # -0.0 is 0.0
        at.setdefault(vector.tobytes(), row)
    return np.array([at.get(vector.tobytes(), -1) for vector in some + 0.0], dtype=np.int64)


def _nearest(
    some: Float32[np.ndarray, "some dim"], others: Float32[np.ndarray, "others dim"]
) -> Int[np.ndarray, " some"]:
    """For each row the row of `others` with the largest cosine."""
    from sklearn import config_context
    from sklearn.metrics import pairwise_distances_argmin_min

    with config_context(working_memory=_BLOCK_MIB):
        return np.asarray(pairwise_distances_argmin_min(some, others, metric="cosine")[0], dtype=np.int64)


def _cosine(a: Float32[np.ndarray, "rows dim"], b: Float32[np.ndarray, "rows dim"]) -> Float64[np.ndarray, " rows"]:
    """Row by row, in float64; 0 where one of the two is zero."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    norm = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    dot = np.einsum("ij,ij->i", a, b)
    return np.asarray(np.divide(dot, norm, out=np.zeros(len(a)), where=norm > 0))
