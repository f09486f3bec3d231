"""The scores of a run as text: the few on top, all of them by variant, both rules for classes never predicted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heterophony.metrics import METRICS, evaluate_folds, mean_and_spread
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy

BY_FOLD = Mapping[int, Mapping[str, float]]
RULED = ("hierarchical_precision", "hierarchical_recall", "hierarchical_f1")
"""The scores for which the rule counts."""


@dataclass(frozen=True)
class Score:
    """One line of the table of metrics: `values[v]` is (mean, spread, per fold) of variant v as text."""

    title: str
    what: str
    values: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Ruled:
    """One score under both rules, where they differ: (mean, spread) as text, those classes as 0 and left out."""

    variant: str
    title: str
    zero: tuple[str, str]
    skip: tuple[str, str]


@dataclass(frozen=True)
class NeverPredicted:
    """The classes that occur in a fold and are never predicted there.

    Attributes:
        each: Variant to how many there are in each fold, as text.
        total: Of all variants and folds.
        lines: The scores under both rules, of the variants that have such classes; where a fold predicts none of its
            classes, leaving them out leaves none.
    """

    each: list[tuple[str, str]]
    total: int
    lines: list[Ruled]


def headline(folds: BY_FOLD) -> list[tuple[str, str, str]]:
    """The few numbers on top: (title, mean, spread) as text."""
    summary = mean_and_spread(list(folds.values()))
    names = ("accuracy", "hierarchical_f1", "macro_f1", "top_accuracy", "calibration_error")
    return [(METRICS[name].title, *_shown(name, *summary[name])) for name in names if name in summary]


def score_lines(folds: Mapping[str, Sequence[Mapping[str, float]]]) -> list[Score]:
    """Every metric that all variants have as mean, population spread over its folds, and fold by fold."""
    summaries = {name: mean_and_spread(scores) for name, scores in folds.items()}
    lines = []
    for metric, entry in METRICS.items():
        if not all(metric in summary for summary in summaries.values()):
            continue
        values = []
        for variant, summary in summaries.items():
            mean, spread = _shown(metric, *summary[metric])
            each = " · ".join(_shown(metric, fold[metric], 0.0)[0] for fold in folds[variant])
            values.append((mean, spread if len(folds[variant]) > 1 else "", each))
        lines.append(
            Score(entry.title, entry.what + ("" if entry.better == "higher" else " (lower is better)"), values)
        )
    return lines


def never_predicted(predictions: Mapping[str, Predictions], taxonomy: Taxonomy) -> NeverPredicted:
    """What the two rules for classes never predicted come to; where a fold predicts none of its own, only one does."""
    each, lines, total = [], [], 0
    for variant, table in predictions.items():
        zero = evaluate_folds(table, taxonomy, "zero")
        counts = {fold: int(scores["classes_never_predicted"]) for fold, scores in zero.items()}
        if not any(counts.values()):
            continue
        total += sum(counts.values())
        each.append((variant, " · ".join(map(str, counts.values()))))
        there = {fold: len(np.unique(table.target[table.fold == fold])) for fold in counts}
        skip = {} if any(counts[fold] == there[fold] for fold in counts) else evaluate_folds(table, taxonomy, "skip")
        lines += [Ruled(variant, METRICS[name].title, _mean(name, zero), _mean(name, skip)) for name in RULED]
    return NeverPredicted(each, total, lines)


def _mean(metric: str, folds: BY_FOLD) -> tuple[str, str]:
    """A mean and its spread over folds as text; a dash where there are none."""
    return _shown(metric, *mean_and_spread(list(folds.values()))[metric]) if folds else ("–", "")


def _shown(metric: str, mean: float, spread: float) -> tuple[str, str]:
    """A value and its spread as text: per cent, but nats for log-losses."""
    if metric.endswith("log_loss"):
        return f"{mean:.3f}", f"± {spread:.3f}"
    return f"{100 * mean:.2f}", f"± {100 * spread:.2f}"
