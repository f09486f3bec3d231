r"""Hierarchical precision, recall and F1: part of the credit where only the top level is right.

Source: the metrics of DCASE 2026 task 1 as its baseline computes them (notation of `confusion.py`). The credit of a
pair is $k_l(g, p) = 1$ if $g = p$, $l$ if only $T(g) = T(p)$, else 0.

* precision and recall compare the ancestor sets {top, class}: where only the top agrees they share one of two
  members, weighted by 0.75, so $l = 0.75 / 2 = 0.375$:
  $hP_c = \sum_g k(g, c) C[g, c] / m_c$, $hR_c = \sum_p k(c, p) C[c, p] / n_c$, $hF_c = 2 hP_c hR_c / (hP_c + hR_c)$;
  the F1 is the mean of $hF_c$, not the F of the two means.
* accuracy uses $l = 0.5$: the mean over $g \in G$ of $\sum_p k(g, p) C[g, p] / n_g$.

The means go over G, the classes that occur. What happens to a class of G that is *never predicted* ($m_c = 0$):

* `"zero"` (default): $hP_c = hF_c = 0$ and it stays in the means.
* `"skip"`: it leaves the means of hP, hR and hF. This is what the published baseline does (a swallowed division by
  zero), worth up to six points; only for comparison with published numbers.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64

from heterophony.errors import ConfigError, InputError
from heterophony.metrics.confusion import Counts, Scores, recalls, same_top
from heterophony.taxonomy import Taxonomy

NeverPredicted = Literal["zero", "skip"]

TOP_CREDIT_ACCURACY = 0.5
TOP_CREDIT_PRF = 0.375


@dataclass(frozen=True, eq=False)
class PerClass:
    """Hierarchical scores of every class (of every matrix), 0..1; nan where the class does not occur in the truth.

    Attributes:
        precision: hP_c, 0 for a class that is never predicted.
        recall: hR_c.
        f1: hF_c.
        never_predicted: True for classes that occur but are never predicted.
    """

    precision: Float64[np.ndarray, "*stack classes"]
    recall: Float64[np.ndarray, "*stack classes"]
    f1: Float64[np.ndarray, "*stack classes"]
    never_predicted: Bool[np.ndarray, "*stack classes"]


def per_class(confusion: Counts, taxonomy: Taxonomy) -> PerClass:
    """hP, hR and hF of every class."""
    credited = confusion * _credit(taxonomy, TOP_CREDIT_PRF)
    truth, called = confusion.sum(axis=-1), confusion.sum(axis=-2)
    occurs = truth > 0
    precision = np.divide(credited.sum(axis=-2), called, out=np.zeros(called.shape), where=called > 0)
    recall = np.divide(credited.sum(axis=-1), truth, out=np.zeros(truth.shape), where=occurs)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros(total.shape), where=total > 0)
    absent = np.where(occurs, 0.0, np.nan)
    return PerClass(precision + absent, recall + absent, f1 + absent, occurs & (called == 0))


def hierarchical_accuracy(confusion: Counts, taxonomy: Taxonomy) -> Scores:
    """Mean credit per class with l = 0.5; equals (macro_accuracy + macro_top_accuracy) / 2."""
    credited = recalls(confusion) * _credit(taxonomy, TOP_CREDIT_ACCURACY)
    return _mean(credited.sum(axis=-1))


def hierarchical_precision(confusion: Counts, taxonomy: Taxonomy, never_predicted: NeverPredicted = "zero") -> Scores:
    """Mean of hP_c."""
    scores = per_class(confusion, taxonomy)
    return _mean(scores.precision + _left_out(scores, never_predicted))


def hierarchical_recall(confusion: Counts, taxonomy: Taxonomy, never_predicted: NeverPredicted = "zero") -> Scores:
    """Mean of hR_c."""
    scores = per_class(confusion, taxonomy)
    return _mean(scores.recall + _left_out(scores, never_predicted))


def hierarchical_f1(confusion: Counts, taxonomy: Taxonomy, never_predicted: NeverPredicted = "zero") -> Scores:
    """Mean of hF_c."""
    scores = per_class(confusion, taxonomy)
    return _mean(scores.f1 + _left_out(scores, never_predicted))


def _credit(taxonomy: Taxonomy, top_credit: float) -> Float64[np.ndarray, "classes classes"]:
    """k_l(g, p) for all pairs."""
    return np.maximum(top_credit * same_top(taxonomy), np.eye(taxonomy.n_classes))


def _left_out(scores: PerClass, never_predicted: NeverPredicted) -> Float64[np.ndarray, "*stack classes"]:
    """Nan where a class leaves the means, else 0."""
    if never_predicted == "zero":
        return np.zeros(scores.f1.shape)
    if never_predicted == "skip":
        return np.where(scores.never_predicted, np.nan, 0.0)
    raise ConfigError(f"never_predicted={never_predicted!r}: wanted 'zero' or 'skip'")


def _mean(values: Float64[np.ndarray, "*stack classes"]) -> Scores:
    """Mean over the classes that are not nan."""
    if np.isnan(values).all(axis=-1).any():
        raise InputError("metrics: no class is left to average over; label samples, or use never_predicted='zero'")
    return np.asarray(np.nanmean(values, axis=-1))
