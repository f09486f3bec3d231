"""What a choice of members is worth, as a table: one line for each way to choose."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from heterophony.metrics import METRICS, Interval


@runtime_checkable
class EnsembleRow(Protocol):
    """What a line is made of.

    Attributes:
        how: What was chosen on what.
        scores: Score name to (mean, standard deviation), fractions of 1; log-losses in nats.
        interval: Of the first score; None where nothing was drawn.
        difference: Of the first score, to the average of all.
        members: Fewest and most members with weight.
        note: What to keep in mind.
    """

    @property
    def how(self) -> str:
        """What was chosen on what."""

    @property
    def scores(self) -> Mapping[str, tuple[float, float]]:
        """Of the predictions."""

    @property
    def interval(self) -> Interval | None:
        """Of the first score."""

    @property
    def difference(self) -> Interval | None:
        """To the average of all."""

    @property
    def members(self) -> tuple[int, int]:
        """Fewest and most."""

    @property
    def note(self) -> str:
        """What to keep in mind."""


def ensemble_table(
    rows: Sequence[EnsembleRow], score: str = "hierarchical_f1"
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and lines: per cent, log-loss in nats; 95 % intervals by the bootstrap over clips or groups.

    Args:
        rows: The ways to choose.
        score: The score with the intervals.
    """
    beside = [name for name in ("accuracy", "log_loss") if name != score and any(name in row.scores for row in rows)]
    header = (
        *("members", "chosen", METRICS[score].title, "95 %", *(METRICS[name].title for name in beside)),
        *("to the average of all", "note"),
    )
    return header, [
        (
            _count(row.members),
            row.how,
            _pair(row.scores, score),
            _span(row.interval),
            *(_pair(row.scores, name) for name in beside),
            _signed(row.difference),
            row.note,
        )
        for row in rows
    ]


def ensemble_markdown(rows: Sequence[EnsembleRow], score: str = "hierarchical_f1") -> str:
    """`ensemble_table` as a table of Markdown, with a line break at its end."""
    header, lines = ensemble_table(rows, score)
    rule = tuple("--" for _ in header)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, rule, *lines))


def _count(members: tuple[int, int]) -> str:
    low, high = members
    return str(low) if low == high else f"{low}-{high}"


def _pair(scores: Mapping[str, tuple[float, float]], name: str) -> str:
    if name not in scores:
        return ""
    mean, spread = scores[name]
    return f"{mean:.3f} ± {spread:.3f}" if name == "log_loss" else f"{100 * mean:.2f} ± {100 * spread:.2f}"


def _span(found: Interval | None) -> str:
    return "" if found is None else f"{100 * found.low:.2f} to {100 * found.high:.2f}"


def _signed(found: Interval | None) -> str:
    if found is None:
        return ""
    value, low, high = (f"{100 * number:+z.2f}" for number in (found.value, found.low, found.high))
    return f"{value} [{low}, {high}]"
