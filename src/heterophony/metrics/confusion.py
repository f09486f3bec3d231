"""The confusion matrix, and the scores that need nothing but it.

Notation of this room: `C[g, p]` counts the samples of true class g that were called p; n_g is the sum of row g, m_p
that of column p, N that of all; T(c) is the top level of c; G are the classes with n_g > 0. Every score is a
fraction in 0..1 and takes `(confusion, taxonomy)`.
"""

import numpy as np
from jaxtyping import Float64, Int, Int64

from heterophony.errors import InputError
from heterophony.taxonomy import Taxonomy


def confusion_matrix(
    target: Int[np.ndarray, " samples"], predicted: Int[np.ndarray, " samples"], n_classes: int
) -> Int64[np.ndarray, "n_classes n_classes"]:
    """Counts of (true, predicted) pairs, `[true, predicted]`.

    Raises:
        InputError: If an index lies outside 0..n_classes - 1; leave out samples without a target before.
    """
    for what, values in (("target", target), ("prediction", predicted)):
        outside = values[(values < 0) | (values >= n_classes)]
        if len(outside):
            raise InputError(f"confusion_matrix: {what} {outside[0]} is no class of 0..{n_classes - 1}")
    cells = target.astype(np.int64) * n_classes + predicted
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes).astype(np.int64)


def tree_order(taxonomy: Taxonomy) -> Int64[np.ndarray, " classes"]:
    """Class indices with the members of one top side by side: the order in which to draw a confusion matrix."""
    return np.argsort(np.array(taxonomy.top_of), kind="stable").astype(np.int64)


def recalls(confusion: Int64[np.ndarray, "classes classes"]) -> Float64[np.ndarray, "classes classes"]:
    """`C[g, p] / n_g`; rows of classes without samples are nan."""
    size = confusion.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(confusion, size, out=np.full(confusion.shape, np.nan), where=size > 0))


def same_top(taxonomy: Taxonomy) -> Float64[np.ndarray, "classes classes"]:
    """1 where T(g) = T(p), else 0."""
    member = taxonomy.membership.astype(np.float64)
    return np.asarray(member @ member.T)


def accuracy(confusion: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy) -> float:
    """Share of samples with the right class: trace(C) / N."""
    del taxonomy
    return float(np.trace(confusion) / _samples(confusion))


def top_accuracy(confusion: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy) -> float:
    """Share of samples with the right top level: sum of C[g, p] with T(g) = T(p), over N."""
    return float((confusion * same_top(taxonomy)).sum() / _samples(confusion))


def macro_accuracy(confusion: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy) -> float:
    """Mean over g in G of C[g, g] / n_g."""
    del taxonomy
    _samples(confusion)
    return float(np.nanmean(np.diag(recalls(confusion))))


def macro_top_accuracy(confusion: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy) -> float:
    """Mean over the classes g in G, not over the tops, of the share of g that got the right top level."""
    _samples(confusion)
    share = recalls(confusion) * same_top(taxonomy)
    return float(np.nanmean(share.sum(axis=1)))


def macro_f1(confusion: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy) -> float:
    """Mean over g in G of 2 C[g, g] / (n_g + m_g); a class never predicted counts as 0."""
    del taxonomy
    _samples(confusion)
    kept = confusion.sum(axis=1) > 0
    total = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float(np.mean(2 * np.diag(confusion)[kept] / total[kept]))


def _samples(confusion: Int64[np.ndarray, "classes classes"]) -> int:
    """N; refuses an empty matrix, of which every score is undefined."""
    total = int(confusion.sum())
    if not total:
        raise InputError("metrics: no labelled sample to score; give rows whose target is known")
    return total
