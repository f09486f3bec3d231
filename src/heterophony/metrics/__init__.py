"""What predictions are worth: plain functions over NumPy arrays, recomputable from a saved table."""

from dataclasses import dataclass
from typing import Literal

from heterophony.metrics.bootstrap import interval, intervals, paired_difference, paired_differences
from heterophony.metrics.calibration_error import calibration_error, reliability
from heterophony.metrics.confusion import confusion_matrix, tree_order
from heterophony.metrics.evaluate import evaluate, evaluate_confusion, evaluate_folds, mean_and_spread
from heterophony.metrics.hierarchical import per_class
from heterophony.metrics.log_loss import log_loss, macro_log_loss
from heterophony.metrics.over_seeds import SeedSummary, over_seeds
from heterophony.metrics.paired import DRAWABLE
from heterophony.metrics.percentile import Interval
from heterophony.metrics.randomisation import randomisation_test
from heterophony.metrics.risk_coverage import RiskCoverage, aurc, risk_coverage


@dataclass(frozen=True)
class Metric:
    """One line of the name table.

    Attributes:
        title: As a table shows it.
        where: Import path of the function.
        what: One sentence.
        better: Which way is better.
    """

    title: str
    where: str
    what: str
    better: Literal["higher", "lower"] = "higher"


_ROOM = "heterophony.metrics"

METRICS: dict[str, Metric] = {
    "accuracy": Metric("accuracy", f"{_ROOM}.confusion:accuracy", "share of sounds with the right class"),
    "top_accuracy": Metric("top level", f"{_ROOM}.confusion:top_accuracy", "share with the right top level"),
    "macro_accuracy": Metric("macro accuracy", f"{_ROOM}.confusion:macro_accuracy", "mean accuracy of the classes"),
    "macro_top_accuracy": Metric(
        "macro top level",
        f"{_ROOM}.confusion:macro_top_accuracy",
        "mean over the classes of the share with the right top",
    ),
    "macro_f1": Metric("macro F1", f"{_ROOM}.confusion:macro_f1", "mean F1 of the classes"),
    "hierarchical_accuracy": Metric(
        "hierarchical accuracy",
        f"{_ROOM}.hierarchical:hierarchical_accuracy",
        "half the credit for the right top level",
    ),
    "hierarchical_precision": Metric(
        "hierarchical precision", f"{_ROOM}.hierarchical:hierarchical_precision", "0.375 credit for the right top level"
    ),
    "hierarchical_recall": Metric(
        "hierarchical recall", f"{_ROOM}.hierarchical:hierarchical_recall", "0.375 credit for the right top level"
    ),
    "hierarchical_f1": Metric("hierarchical F1", f"{_ROOM}.hierarchical:hierarchical_f1", "mean hF of the classes"),
    "log_loss": Metric("log-loss", f"{_ROOM}.log_loss:log_loss", "mean surprise at the true class, in nats", "lower"),
    "macro_log_loss": Metric(
        "macro log-loss", f"{_ROOM}.log_loss:macro_log_loss", "mean over classes of their log-loss, in nats", "lower"
    ),
    "calibration_error": Metric(
        "calibration error",
        f"{_ROOM}.calibration_error:calibration_error",
        "mean gap between how sure and how often right",
        "lower",
    ),
    "aurc": Metric(
        "risk over coverage",
        f"{_ROOM}.risk_coverage:aurc",
        "mean share of wrong answers if only the surest 1, 2, ... all are answered",
        "lower",
    ),
}

__all__ = [
    "DRAWABLE",
    "METRICS",
    "Interval",
    "Metric",
    "RiskCoverage",
    "SeedSummary",
    "aurc",
    "calibration_error",
    "confusion_matrix",
    "evaluate",
    "evaluate_confusion",
    "evaluate_folds",
    "interval",
    "intervals",
    "log_loss",
    "macro_log_loss",
    "mean_and_spread",
    "over_seeds",
    "paired_difference",
    "paired_differences",
    "per_class",
    "randomisation_test",
    "reliability",
    "risk_coverage",
    "tree_order",
]
