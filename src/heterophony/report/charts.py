"""The drawings of a run page as plain numbers and SVG paths; the template draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from jaxtyping import Int64

from heterophony.metrics import METRICS, Interval, per_class, tree_order
from heterophony.report.sunburst import FAMILIES
from heterophony.taxonomy import Taxonomy

_WIDTH, _HEIGHT = 300.0, 150.0


@dataclass(frozen=True)
class Bar:
    """One class: hierarchical F, precision and recall 0..1, samples, colour, whether it is never predicted.

    `low` and `high` are the ends of the interval of its hF; None where nothing is known of it.
    """

    name: str
    top: str
    family: int
    f1: float
    precision: float
    recall: float
    samples: int
    never: bool
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Cell:
    """One field of the confusion matrix at (column, row): count, share of its row 0..1, and what it means."""

    column: int
    row: int
    count: int
    share: float
    right: bool
    text: str


@dataclass(frozen=True)
class ConfusionChart:
    """The matrix with its classes in tree order.

    Attributes:
        keys: Of the classes.
        blocks: Of each top its first place, size, name and colour.
        cells: The fields that are not empty.
        worst: The most frequent errors: field, name and colour of the truth, name and colour of the prediction.
    """

    keys: list[str]
    blocks: list[tuple[int, int, str, int]]
    cells: list[Cell]
    worst: list[tuple[Cell, str, int, str, int]]


@dataclass(frozen=True)
class Curve:
    """One chart: a number of the history over the epochs, one line per fold, in 300 x 150 units."""

    title: str
    lines: list[tuple[int, str]]
    low: str
    high: str
    epochs: int


def class_bars(
    counts: Int64[np.ndarray, "classes classes"],
    taxonomy: Taxonomy,
    intervals: Sequence[Interval | None] | None = None,
) -> list[Bar]:
    """The classes that occur, in tree order; `intervals` has the one of each class."""
    scores = per_class(counts, taxonomy)
    ends = [(None, None) if one is None else (one.low, one.high) for one in intervals or [None] * taxonomy.n_classes]
    return [
        Bar(
            name=_name(taxonomy, taxonomy.classes[label]),
            top=_name(taxonomy, taxonomy.tops[taxonomy.top_of[label]]),
            family=taxonomy.top_of[label] % FAMILIES,
            f1=float(scores.f1[label]),
            precision=float(scores.precision[label]),
            recall=float(scores.recall[label]),
            samples=int(counts[label].sum()),
            never=bool(scores.never_predicted[label]),
            low=ends[label][0],
            high=ends[label][1],
        )
        for label in tree_order(taxonomy).tolist()
        if counts[label].any()
    ]


def confusion_chart(counts: Int64[np.ndarray, "classes classes"], taxonomy: Taxonomy) -> ConfusionChart:
    """The matrix with the members of a top side by side, and its most frequent errors."""
    order = tree_order(taxonomy)
    turned = counts[np.ix_(order, order)]
    names = [_name(taxonomy, taxonomy.classes[label]) for label in order]
    size = np.maximum(turned.sum(axis=1), 1)
    cells = [
        Cell(
            column=int(column),
            row=int(row),
            count=int(turned[row, column]),
            share=float(turned[row, column] / size[row]),
            right=bool(row == column),
            text=f"{names[row]} called {names[column]}: {turned[row, column]} of {size[row]}",
        )
        for row, column in np.argwhere(turned)
    ]
    errors = sorted((cell for cell in cells if not cell.right), key=lambda cell: -cell.count)[:12]
    colours = [taxonomy.top_of[label] % FAMILIES for label in order]
    worst = [(cell, names[cell.row], colours[cell.row], names[cell.column], colours[cell.column]) for cell in errors]
    return ConfusionChart([taxonomy.classes[label] for label in order], _blocks(order, taxonomy), cells, worst)


def curves(histories: Sequence[Sequence[Mapping[str, object]]]) -> list[Curve]:
    """One chart per number that the histories hold, in the order in which they come; "epoch" is the axis.

    Numbers that some epochs lack, as the scores of a graph model, are joined over these.
    """
    there = dict.fromkeys(name for history in histories for row in history for name in row)
    names = [name for name in there if name not in ("epoch", "samples")]
    found = []
    for name in names:
        series = [[_number(row.get(name)) for row in history] for history in histories]
        values = [value for line in series for value in line if value is not None]
        if values:
            found.append(_curve(name, series, min(values), max(values)))
    return found


def _curve(name: str, series: Sequence[Sequence[float | None]], low: float, high: float) -> Curve:
    """The chart of one number."""
    longest = max(len(line) for line in series)
    step = _WIDTH / max(1, longest - 1)
    scale = _HEIGHT / ((high - low) or 1.0)
    lines = []
    for fold, line in enumerate(series):
        points = [
            f"{place * step:.1f} {(high - value) * scale:.1f}" for place, value in enumerate(line) if value is not None
        ]
        if points:
            lines.append((fold % FAMILIES, "M" + "L".join(points)))
    title = METRICS[name].title if name in METRICS else name.replace("_", " ")
    return Curve(title, lines, f"{low:.2g}", f"{high:.3g}", longest)


def _number(value: object) -> float | None:
    """A value that can be drawn; None for others."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating | np.integer):
        return None
    return float(value) if isfinite(value) else None


def _blocks(order: Int64[np.ndarray, " classes"], taxonomy: Taxonomy) -> list[tuple[int, int, str, int]]:
    """For each top (first place, size, name, colour) along the axes; none for a tree of one level."""
    if taxonomy.levels == 1:
        return []
    tops = [taxonomy.top_of[label] for label in order]
    return [
        (tops.index(top), tops.count(top), _name(taxonomy, taxonomy.tops[top]), top % FAMILIES)
        for top in dict.fromkeys(tops)
    ]


def _name(taxonomy: Taxonomy, key: str) -> str:
    """The readable name without its top."""
    return taxonomy.names.get(key, key)
