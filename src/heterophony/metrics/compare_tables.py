"""Two tables of predictions of the same clips: how far apart, and whether that can be told from luck."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from heterophony.errors import InputError
from heterophony.metrics.bootstrap import paired_differences
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.metrics.percentile import Interval
from heterophony.metrics.randomisation import randomisation_test
from heterophony.predictions import Imported, Predictions
from heterophony.taxonomy import Taxonomy

SURE = 0.05
"""The largest p of a difference that is told from luck."""


@dataclass(frozen=True)
class Gap:
    """A paired difference (ours - baseline, fractions of 1) with its bootstrap interval (95 %) and randomisation p."""

    interval: Interval
    p: float

    @property
    def told_from_luck(self) -> bool:
        """Whether the interval holds no 0 and p is at most `SURE`: both must say so."""
        return self.p <= SURE and not self.interval.low <= 0 <= self.interval.high


@dataclass(frozen=True)
class Difference:
    """A difference drawn by row and, where groups are known, by whole group; else None."""

    by_row: Gap
    by_group: Gap | None


def differences(
    ours: Imported,
    baseline: Imported,
    taxonomy: Taxonomy,
    *,
    scores: Sequence[str] = ("hierarchical_f1",),
    never_predicted: NeverPredicted = "zero",
    draws: int = 1000,
    seed: int = 0,
) -> tuple[Mapping[str, Difference], str]:
    """The differences of some scores, ours - baseline, of two tables that `line_up` has put side by side.

    Returns:
        Score to difference; and why there is none by group, where there are groups and it cannot be.

    Raises:
        AlignmentError: If the tables are not of the same ids, folds and targets.
        InputError: If no target is known, or a fold has a single row.
        ConfigError: If a score is not in `DRAWABLE`.
    """
    first, other = baseline.predictions, ours.predictions
    groups, reason = (None if all(group is None for group in baseline.groups) else baseline.groups), ""

    def tested(drawn: Sequence[str | None] | None) -> dict[str, Gap]:
        found = paired_differences(
            other, first, taxonomy, scores=scores, never_predicted=never_predicted, groups=drawn, draws=draws, seed=seed
        )
        return {name: Gap(interval, chance(name, drawn)) for name, interval in found.items()}

    def chance(score: str, drawn: Sequence[str | None] | None) -> float:
        return randomisation_test(
            other, first, taxonomy, score=score, never_predicted=never_predicted, groups=drawn, draws=draws, seed=seed
        )

    by_row, by_group = tested(None), {}
    if groups is not None:
        try:
            by_group = tested(groups)
        except InputError as error:  # a fold with a single group
            reason = str(error)
    return {name: Difference(one, by_group.get(name)) for name, one in by_row.items()}, reason


def changed_answers(ours: Predictions, baseline: Predictions) -> tuple[int, int, int]:
    """Labelled rows that the two answer otherwise; those that only ours has right; those that only the baseline has."""
    mine, theirs = ours.logits.argmax(axis=1), baseline.logits.argmax(axis=1)
    apart = (baseline.target >= 0) & (mine != theirs)
    only_mine, only_theirs = (apart & (said == baseline.target) for said in (mine, theirs))
    return int(apart.sum()), int(only_mine.sum()), int(only_theirs.sum())
