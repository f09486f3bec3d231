"""The confusion matrix, and the scores that need nothing but it.

Notation of this room: `C[g, p]` counts the samples of true class g that were called p; n_g is the sum of row g, m_p
that of column p, N that of all; T(c) is the top level of c; G are the classes with n_g > 0. Every score is a
fraction in 0..1 and takes `(confusion, taxonomy)`; of a stack of matrices, `[..., g, p]`, it is that of each.
"""

import numpy as np
from jaxtyping import Float64, Int, Int64, Num

from heterophony.errors import InputError
from heterophony.taxonomy import Taxonomy

Counts = Int64[np.ndarray, "*stack classes classes"]
"""One confusion matrix, or a stack of them."""

Scores = Float64[np.ndarray, "*stack"]
"""One score per matrix; of a single matrix an array without axes, which `float` takes."""


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


def recalls(confusion: Counts) -> Float64[np.ndarray, "*stack classes classes"]:
    """`C[g, p] / n_g`; rows of classes without samples are nan."""
    size = confusion.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(confusion, size, out=np.full(confusion.shape, np.nan), where=size > 0))


def same_top(taxonomy: Taxonomy) -> Float64[np.ndarray, "classes classes"]:
    """1 where T(g) = T(p), else 0."""
    member = taxonomy.membership.astype(np.float64)
    return np.asarray(member @ member.T)


def accuracy(confusion: Counts, taxonomy: Taxonomy) -> Scores:
    """Share of samples with the right class: trace(C) / N."""
    del taxonomy
    return np.asarray(_hits(confusion).sum(axis=-1) / _samples(confusion))


def top_accuracy(confusion: Counts, taxonomy: Taxonomy) -> Scores:
    """Share of samples with the right top level: sum of C[g, p] with T(g) = T(p), over N."""
    return np.asarray((confusion * same_top(taxonomy)).sum(axis=(-2, -1)) / _samples(confusion))


def macro_accuracy(confusion: Counts, taxonomy: Taxonomy) -> Scores:
    """Mean over g in G of C[g, g] / n_g."""
    del taxonomy
    _samples(confusion)
    return np.asarray(np.nanmean(_hits(recalls(confusion)), axis=-1))


def macro_top_accuracy(confusion: Counts, taxonomy: Taxonomy) -> Scores:
    """Mean over the classes g in G, not over the tops, of the share of g that got the right top level."""
    _samples(confusion)
    share = recalls(confusion) * same_top(taxonomy)
    return np.asarray(np.nanmean(share.sum(axis=-1), axis=-1))


def macro_f1(confusion: Counts, taxonomy: Taxonomy) -> Scores:
    """Mean over g in G of 2 C[g, g] / (n_g + m_g); a class never predicted counts as 0."""
    del taxonomy
    _samples(confusion)
    truth, called = confusion.sum(axis=-1), confusion.sum(axis=-2)
    f1 = np.divide(2 * _hits(confusion), truth + called, out=np.full(truth.shape, np.nan), where=truth > 0)
    return np.asarray(np.nanmean(f1, axis=-1))


def _hits(table: Num[np.ndarray, "*stack classes classes"]) -> Num[np.ndarray, "*stack classes"]:
    """The diagonals."""
    return np.diagonal(table, axis1=-2, axis2=-1)


def _samples(confusion: Counts) -> Int64[np.ndarray, "*stack"]:
    """N; refuses an empty matrix, of which every score is undefined."""
    total = np.asarray(confusion.sum(axis=(-2, -1)))
    if not total.all():
        raise InputError("metrics: no labelled sample to score; give rows whose target is known")
    return total
