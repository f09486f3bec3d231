"""The comparison of tables with a first one as text and as one JSON document."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from heterophony.metrics import METRICS
from heterophony.metrics.compare_tables import Difference, Gap
from heterophony.metrics.scoreboard import Scoreboard
from heterophony.report.scoreboard_text import Lines, percent, shown


@dataclass(frozen=True, kw_only=True, eq=False)
class Compared:
    """One table beside the first.

    Attributes:
        name: Of the table.
        differences: Score to its difference, this table minus the first.
        changed: Rows answered otherwise; those of them that only this table has right; that only the first has right.
        note: Why there is no difference by group, where there are groups; else "".
    """

    name: str
    differences: Mapping[str, Difference]
    changed: tuple[int, int, int]
    note: str = ""


def scores_side_by_side(boards: Mapping[str, Scoreboard]) -> Lines:
    """One line per metric that any table has, one column per table."""
    names = [name for name in METRICS if any(name in board.scores for board in boards.values())]
    lines: Lines = [("metric", *boards)]
    for name in names:
        values = [(board.scores.get(name), len(board.folds) > 1) for board in boards.values()]
        cells = [
            "-" if pair is None else shown(name, *pair) if several else shown(name, pair[0]) for pair, several in values
        ]
        lines.append((METRICS[name].title + ("" if METRICS[name].better == "higher" else " (lower is better)"), *cells))
    return lines


def difference_table(compared: Compared) -> Lines:
    """Each difference by row and by group: interval, p, and what that means."""
    lines: Lines = [("difference", "points", "95 % interval", "p", "drawn by", "")]
    for score, found in compared.differences.items():
        for unit, tested in (("row", found.by_row), ("group", found.by_group)):
            if tested is not None:
                lines.append((METRICS[score].title, *_numbers(tested), unit, verdict(tested)))
    return lines


def verdict(tested: Gap) -> str:
    """In plain words."""
    if not tested.told_from_luck:
        return "cannot be told from luck"
    return (
        "better, and not by luck of these clips"
        if tested.interval.value > 0
        else "worse, and not by luck of these clips"
    )


def class_differences(ours: Scoreboard, first: Scoreboard) -> Lines:
    """What every class gets in hF and recall: from the first table, from this one, and the difference in points."""
    lines: Lines = [("class", "n", "hF first", "hF", "+/-", "recall first", "recall", "+/-")]
    for mine, other in zip(ours.classes, first.classes, strict=True):
        pairs = ((other.hierarchical_f1, mine.hierarchical_f1), (other.recall, mine.recall))
        cells = [text for before, after in pairs for text in (percent(before), percent(after), _gain(before, after))]
        lines.append((mine.key, str(mine.samples), *cells))
    return lines


def comparison_json(compared: Sequence[Compared], first: str) -> list[dict[str, object]]:
    """Every pair with the first as numbers and texts."""
    return [
        {
            "table": one.name,
            "minus": first,
            "differences": {
                score: {
                    unit: None
                    if tested is None
                    else asdict(tested.interval) | {"p": tested.p, "verdict": verdict(tested)}
                    for unit, tested in (("by_row", found.by_row), ("by_group", found.by_group))
                }
                for score, found in one.differences.items()
            },
            "changed_answers": dict(zip(("rows", "only_this_right", "only_first_right"), one.changed, strict=True)),
            "note": one.note,
        }
        for one in compared
    ]


def _numbers(tested: Gap) -> tuple[str, str, str]:
    value, low, high = (
        f"{100 * number:+z.2f}" for number in (tested.interval.value, tested.interval.low, tested.interval.high)
    )
    return value, f"[{low}, {high}]", f"{tested.p:.3f}"


def _gain(before: float | None, after: float | None) -> str:
    return "-" if before is None or after is None else f"{100 * (after - before):+z.1f}"
