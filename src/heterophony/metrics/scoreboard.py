"""Everything that can be said of one table of predictions, and what cannot be said of it, with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heterophony.errors import ConfigError, InputError
from heterophony.metrics.bootstrap import intervals
from heterophony.metrics.calibration_error import Reliability, reliability
from heterophony.metrics.class_rows import ClassRow, class_rows
from heterophony.metrics.evaluate import WITH_RULE, evaluate_folds, mean_and_spread
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.metrics.percentile import Interval
from heterophony.predictions import Imported, Said, softmax
from heterophony.taxonomy import Taxonomy

UNKNOWN: dict[Said, tuple[str, ...]] = {
    "distribution": (),
    "top-score": ("log_loss", "macro_log_loss"),
    "top": ("log_loss", "macro_log_loss", "calibration_error", "aurc"),
}
"""The metrics that a table which says so much does not decide."""

COUNTS = ("samples", "classes_never_predicted")


@dataclass(frozen=True, kw_only=True, eq=False)
class Scoreboard:
    """The scores of a table. All are fractions of 1, log-losses in nats.

    Attributes:
        samples: Rows with a known target: those that are scored.
        unlabelled: The others.
        rule: What a class that is never predicted counts for.
        folds: Fold to name to value, with the counts `samples` and `classes_never_predicted`.
        scores: Name to mean and population standard deviation over the folds.
        other_rule: The scores that the other rule would give, where any class is never predicted in any fold.
        intervals: Of the scores that confusion matrices decide; empty where none were asked for or can be drawn.
        by_group: Whether those draw whole groups.
        classes: One row per class, over all folds together.
        reliability: How sure and how often right, over all folds together; None without scores.
        left_out: What is not here, and why.
    """

    samples: int
    unlabelled: int
    rule: NeverPredicted
    folds: Mapping[int, Mapping[str, float]]
    scores: Mapping[str, tuple[float, float]]
    other_rule: Mapping[str, tuple[float, float]]
    intervals: Mapping[str, Interval]
    by_group: bool
    classes: Sequence[ClassRow]
    reliability: Reliability | None
    left_out: Sequence[str]


def scoreboard(
    given: Imported,
    taxonomy: Taxonomy,
    *,
    never_predicted: NeverPredicted = "zero",
    by_group: bool = False,
    draws: int = 1000,
    seed: int = 0,
) -> Scoreboard:
    """Scores a table.

    Args:
        given: The table; rows without a target do not count.
        taxonomy: Its tree.
        never_predicted: What a class that is never predicted counts for.
        by_group: Draw whole groups for the intervals; a row without one stands for itself.
        draws: Of the bootstrap; 0 for no intervals.
        seed: Of the draws.

    Raises:
        InputError: If no target is known.
        ConfigError: If groups are to be drawn and none is known, or an option is impossible.
        AlignmentError: If the table is not over the tree.
    """
    table = given.predictions
    labelled = np.flatnonzero(table.target >= 0)
    if not len(labelled):
        raise InputError(f"none of {len(table)} rows has a known target; give a column 'target', or --labels")
    if by_group and all(group is None for group in given.groups):
        raise ConfigError("no row has a group that could be drawn; give a column 'group' (or 'uploader', 'location')")
    folds = {
        fold: _known(scores, given.said) for fold, scores in evaluate_folds(table, taxonomy, never_predicted).items()
    }
    drawn, reason = _intervals(given, taxonomy, never_predicted, draws, seed, by_group=by_group)
    known = table.take(labelled)
    classes = class_rows(known, taxonomy)
    return Scoreboard(
        samples=len(labelled),
        unlabelled=len(table) - len(labelled),
        rule=never_predicted,
        folds=folds,
        scores=_means(folds),
        other_rule=_other(given, taxonomy, never_predicted) if any(map(_never, folds.values())) else {},
        intervals=drawn,
        by_group=by_group,
        classes=classes,
        reliability=None if given.said == "top" else reliability(softmax(known.logits), known.target),
        left_out=[*_reasons(given, len(labelled), classes), *([f"intervals: {reason}"] if reason else [])],
    )


def _known(scores: Mapping[str, float], said: Said) -> dict[str, float]:
    return {name: value for name, value in scores.items() if name not in UNKNOWN[said]}


def _means(folds: Mapping[int, Mapping[str, float]]) -> dict[str, tuple[float, float]]:
    found = mean_and_spread(list(folds.values()))
    return {name: pair for name, pair in found.items() if name not in COUNTS}


def _never(scores: Mapping[str, float]) -> bool:
    return scores["classes_never_predicted"] > 0


def _other(given: Imported, taxonomy: Taxonomy, rule: NeverPredicted) -> dict[str, tuple[float, float]]:
    """The scores that depend on the rule, by the other one."""
    other: NeverPredicted = "skip" if rule == "zero" else "zero"
    found = _means(evaluate_folds(given.predictions, taxonomy, other))
    return {name: found[name] for name in WITH_RULE}


def _intervals(
    given: Imported, taxonomy: Taxonomy, rule: NeverPredicted, draws: int, seed: int, *, by_group: bool
) -> tuple[dict[str, Interval], str]:
    """The intervals, or why there are none."""
    if not draws:
        return {}, ""
    groups = given.groups if by_group else None
    try:
        return intervals(given.predictions, taxonomy, never_predicted=rule, groups=groups, draws=draws, seed=seed), ""
    except InputError as error:  # a fold with a single row or group
        return {}, str(error)


def _reasons(given: Imported, labelled: int, classes: Sequence[ClassRow]) -> list[str]:
    """What is not scored, and why."""
    rows = len(given.predictions)
    reasons = [f"{rows - labelled} of {rows} rows: no known target"] if labelled < rows else []
    absent = [row.key for row in classes if not row.samples]
    if absent:
        named = ", ".join(absent[:5]) + (" ..." if len(absent) > 5 else "")
        reasons.append(
            f"{len(absent)} of {len(classes)} classes: no row is of them, the means do not count them: {named}"
        )
    if given.said == "top-score":
        reasons.append("log-losses: the table has the score of the top class only, not of all classes")
    elif given.said == "top":
        reasons.append("log-losses, calibration, risk over coverage: the table has no scores")
    return reasons
