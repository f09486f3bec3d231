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
from jaxtyping import Float64, Int64

from heterophony.errors import ConfigError, InputError
from heterophony.metrics.confusion import recalls, same_top
from heterophony.taxonomy import Taxonomy

NeverPredicted = Literal["zero", "skip"]

TOP_CREDIT_ACCURACY = 0.5
TOP_CREDIT_PRF = 0.375


@dataclass(frozen=True, eq=False)
class PerClass:
    """Hierarchical scores of every class, 0..1; nan where the class does not occur in the truth.

    Attributes:
        precision: hP_c, 0 for a class that is never predicted.
        recall: hR_c.
        f1: hF_c.
        never_predicted: True for classes that occur but are never predicted.
    """

    precision: Float64[np.ndarray, " classes"]
    recall: Float64[np.ndarray, " classes"]
    f1: Float64[np.ndarray, " classes"]
    never_predicted: np.ndarray


def per_class(confusion: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy) -> PerClass:
    """hP, hR and hF of every class."""
    credited = confusion * _credit(taxonomy, TOP_CREDIT_PRF)
    truth, called = confusion.sum(axis=1), confusion.sum(axis=0)
    occurs = truth > 0
    precision = np.divide(credited.sum(axis=0), called, out=np.zeros(len(called)), where=called > 0)
    recall = np.divide(credited.sum(axis=1), truth, out=np.zeros(len(truth)), where=occurs)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros(len(total)), where=total > 0)
    absent = np.where(occurs, 0.0, np.nan)
    return PerClass(precision + absent, recall + absent, f1 + absent, occurs & (called == 0))


def hierarchical_accuracy(confusion: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy) -> float:
    """Mean credit per class with l = 0.5; equals (macro_accuracy + macro_top_accuracy) / 2."""
    credited = recalls(confusion) * _credit(taxonomy, TOP_CREDIT_ACCURACY)
    return _mean(credited.sum(axis=1))


def hierarchical_precision(
    confusion: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy, never_predicted: NeverPredicted = "zero"
) -> float:
    """Mean of hP_c."""
    scores = per_class(confusion, taxonomy)
    return _mean(scores.precision[_kept(scores, never_predicted)])


def hierarchical_recall(
    confusion: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy, never_predicted: NeverPredicted = "zero"
) -> float:
    """Mean of hR_c."""
    scores = per_class(confusion, taxonomy)
    return _mean(scores.recall[_kept(scores, never_predicted)])


def hierarchical_f1(
    confusion: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy, never_predicted: NeverPredicted = "zero"
) -> float:
    """Mean of hF_c."""
    scores = per_class(confusion, taxonomy)
    return _mean(scores.f1[_kept(scores, never_predicted)])


def _credit(taxonomy: Taxonomy, top_credit: float) -> Float64[np.ndarray, "classes classes"]:
    """k_l(g, p) for all pairs."""
    return np.maximum(top_credit * same_top(taxonomy), np.eye(taxonomy.n_classes))


def _kept(scores: PerClass, never_predicted: NeverPredicted) -> np.ndarray:
    """Which classes the means go over."""
    if never_predicted == "zero":
        return np.ones(len(scores.f1), bool)
    if never_predicted == "skip":
        return ~scores.never_predicted
    raise ConfigError(f"never_predicted={never_predicted!r}: wanted 'zero' or 'skip'")


def _mean(values: Float64[np.ndarray, " classes"]) -> float:
    """Mean over the classes that occur."""
    occurring = values[~np.isnan(values)]
    if not len(occurring):
        raise InputError("metrics: no class is left to average over; label samples, or use never_predicted='zero'")
    return float(occurring.mean())
