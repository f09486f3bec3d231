"""The page of a training run: how good it is, where it errs, how it learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from heterophony.errors import InputError
from heterophony.metrics import METRICS, confusion_matrix, evaluate_folds, mean_and_spread
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.predictions import Predictions
from heterophony.report.charts import class_bars, confusion_chart, curves
from heterophony.report.html import render
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What a run page says besides its numbers.

    Attributes:
        name: Heading.
        subtitle: One line below it; "" for none.
        facts: What to know of the run, label to text: recipe, data, split, seed, versions, time.
        never_predicted: Rule of the hierarchical means (see `metrics.hierarchical`).
    """

    name: str
    subtitle: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    never_predicted: NeverPredicted = "zero"


@dataclass(frozen=True)
class Score:
    """One line of the table of metrics: `values[v]` is (mean, spread, per fold) of variant v as text."""

    title: str
    what: str
    values: list[tuple[str, str, str]]


def write_run_page(
    predictions: Mapping[str, Predictions],
    histories: Sequence[Sequence[Mapping[str, object]]],
    taxonomy: Taxonomy,
    path: Path,
    facts: RunFacts,
) -> None:
    """Writes the page of a run.

    Args:
        predictions: Variant ("both", "sound only") to its test predictions over all folds. The bars of the classes and
            the confusion matrix are those of the first.
        histories: For each fold the rows of its history; numbers under the same name become one chart. May be empty.
        taxonomy: The tree of the predictions.
        path: The HTML file.
        facts: Heading and the like.

    Raises:
        InputError: If there are no predictions with known targets.
        AlignmentError: If predictions are not over the classes of the tree.
    """
    folds = {name: evaluate_folds(table, taxonomy, facts.never_predicted) for name, table in predictions.items()}
    if not folds or not all(folds.values()):
        raise InputError(f"{path}: a run page needs predictions with known targets; {facts.name!r} has none")
    main = next(iter(predictions.values()))
    counts = pooled_confusion(main)
    values = {
        "facts": facts,
        "variants": list(predictions),
        "folds": {name: len(scores) for name, scores in folds.items()},
        "samples": int(counts.sum()),
        "headline": headline(next(iter(folds.values()))),
        "scores": score_lines({name: list(scores.values()) for name, scores in folds.items()}),
        "never": sum(int(scores["classes_never_predicted"]) for scores in next(iter(folds.values())).values()),
        "bars": class_bars(counts, taxonomy),
        "confusion": confusion_chart(counts, taxonomy),
        "curves": curves(histories),
    }
    path.write_text(render("run.html", [], values), encoding="utf-8")


def pooled_confusion(table: Predictions) -> Int64[np.ndarray, "classes classes"]:
    """The confusion matrix of all labelled rows of all folds."""
    known = table.target >= 0
    return confusion_matrix(table.target[known], table.logits[known].argmax(axis=1), len(table.classes))


def headline(folds: Mapping[int, Mapping[str, float]]) -> list[tuple[str, str, str]]:
    """The few numbers on top: (title, mean, spread) as text."""
    summary = mean_and_spread(list(folds.values()))
    names = ("accuracy", "hierarchical_f1", "macro_f1", "top_accuracy", "calibration_error")
    return [(METRICS[name].title, *_shown(name, *summary[name])) for name in names]


def score_lines(folds: Mapping[str, Sequence[Mapping[str, float]]]) -> list[Score]:
    """Every metric of every variant as mean, population spread over its folds, and fold by fold."""
    summaries = {name: mean_and_spread(scores) for name, scores in folds.items()}
    lines = []
    for metric, entry in METRICS.items():
        values = []
        for variant, summary in summaries.items():
            mean, spread = _shown(metric, *summary[metric])
            each = " · ".join(_shown(metric, fold[metric], 0.0)[0] for fold in folds[variant])
            values.append((mean, spread if len(folds[variant]) > 1 else "", each))
        lines.append(
            Score(entry.title, entry.what + ("" if entry.better == "higher" else " (lower is better)"), values)
        )
    return lines


def _shown(metric: str, mean: float, spread: float) -> tuple[str, str]:
    """A value and its spread as text: per cent, but nats for log-losses."""
    if metric.endswith("log_loss"):
        return f"{mean:.3f}", f"± {spread:.3f}"
    return f"{100 * mean:.2f}", f"± {100 * spread:.2f}"
