"""A scoreboard as tables of text and as one JSON document. Per cent in the tables, fractions of 1 in JSON."""

from dataclasses import asdict

from heterophony.metrics import METRICS, Interval
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.metrics.scoreboard import Scoreboard

Lines = list[tuple[str, ...]]
"""Rows of cells, the titles of the columns first."""

COUNTED: dict[NeverPredicted, str] = {"zero": "they count 0", "skip": "they are left out"}


def score_table(board: Scoreboard) -> Lines:
    """Every metric: mean ± spread over the folds (the value alone where there is one), and its interval."""
    several = len(board.folds) > 1
    head = ("metric", "mean ± std over folds" if several else "value")
    title = f"95 % interval, {'whole groups' if board.by_group else 'rows'} drawn"
    rows = [
        (
            METRICS[name].title + ("" if METRICS[name].better == "higher" else " (lower is better)"),
            _value(board, name, pair),
            *([interval_text(name, board.intervals.get(name))] if board.intervals else []),
        )
        for name, pair in board.scores.items()
    ]
    return [(*head, *([title] if board.intervals else [])), *rows]


def class_table(board: Scoreboard) -> Lines:
    """One line per class; a mark where it is never predicted."""
    several = len(board.folds) > 1
    lines: Lines = [("class", "n", "predicted", "precision", "recall", "hier. F1", "never predicted")]
    for row in board.classes:
        folds = ", ".join(map(str, row.never_in))
        mark = (f"in fold {folds}" if several else "never") if row.never_in else ""
        values = (row.precision, row.recall, row.hierarchical_f1)
        lines.append((row.key, str(row.samples), str(row.predicted), *map(percent, values), mark))
    return lines


def reliability_table(board: Scoreboard) -> Lines:
    """How sure, how often right, how many: one line per bin that holds samples; none without scores."""
    if board.reliability is None:
        return []
    bins = zip(board.reliability.confidence, board.reliability.accuracy, board.reliability.count, strict=True)
    return [("sure of", "right", "n"), *((percent(sure), percent(right), str(count)) for sure, right, count in bins)]


def both_rules(board: Scoreboard) -> Lines:
    """The scores that depend on the rule for classes never predicted, by both; none where no class is concerned."""
    if not board.other_rule:
        return []
    other: NeverPredicted = "skip" if board.rule == "zero" else "zero"
    head = (never_text(board), *(f"{COUNTED[rule]} ({rule})" for rule in (board.rule, other)))
    values = {name: (board.scores[name], pair) for name, pair in board.other_rule.items()}
    return [
        head,
        *((METRICS[name].title, *(_value(board, name, one) for one in pairs)) for name, pairs in values.items()),
    ]


def never_text(board: Scoreboard) -> str:
    """How many classes are never predicted, and where.

    Counts pairs of class and fold where there are several folds.
    """
    concerned = [row for row in board.classes if row.never_in]
    if not concerned:
        return f"every class that occurs is predicted{' in every fold' if len(board.folds) > 1 else ''}"
    count = f"{len(concerned)} {'class is' if len(concerned) == 1 else 'classes are'} never predicted"
    if len(board.folds) == 1:
        return count
    return f"{count} in {len({fold for row in concerned for fold in row.never_in})} of {len(board.folds)} folds"


def scoreboard_json(board: Scoreboard) -> dict[str, object]:
    """Everything as numbers, lists and texts: `json.dumps` takes it."""
    bins = board.reliability
    reliable = (
        None
        if bins is None
        else {
            "confidence": bins.confidence.tolist(),
            "accuracy": bins.accuracy.tolist(),
            "count": bins.count.tolist(),
        }
    )
    return {
        "samples": board.samples,
        "unlabelled": board.unlabelled,
        "never_predicted": board.rule,
        "scores": {name: {"mean": mean, "std": std} for name, (mean, std) in board.scores.items()},
        "other_rule": {name: {"mean": mean, "std": std} for name, (mean, std) in board.other_rule.items()},
        "intervals": {name: asdict(found) for name, found in board.intervals.items()},
        "intervals_draw": "groups" if board.by_group else "rows",
        "folds": {str(fold): dict(scores) for fold, scores in board.folds.items()},
        "classes": [asdict(row) for row in board.classes],
        "reliability": reliable,
        "left_out": list(board.left_out),
    }


def shown(name: str, mean: float, spread: float | None = None) -> str:
    """A score, and its spread if it has one: per cent, but nats for log-losses.

    >>> shown("accuracy", 0.7929, 0.0051), shown("log_loss", 0.6512)
    ('79.29 ± 0.51', '0.651')
    """
    factor, decimals = (1, 3) if name.endswith("log_loss") else (100, 2)
    values = [mean] if spread is None else [mean, spread]
    return " ± ".join(f"{factor * value:.{decimals}f}" for value in values)


def _value(board: Scoreboard, name: str, pair: tuple[float, float]) -> str:
    """A score, with its spread where there are several folds."""
    return shown(name, *pair) if len(board.folds) > 1 else shown(name, pair[0])


def interval_text(name: str, found: Interval | None) -> str:
    """The ends of an interval; nothing where there is none."""
    return "" if found is None else f"[{shown(name, found.low)}, {shown(name, found.high)}]"


def percent(value: float | None) -> str:
    """Per cent with one decimal; a dash where there is no value."""
    return "-" if value is None else f"{100 * value:.1f}"
