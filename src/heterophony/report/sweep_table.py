"""The table of a sweep: for each recipe what a paper says, what its predictions give, what we get, and how surely.

Numbers go in as fractions of 1 and come out in per cent: "78.63 ± 1.00", mean and population standard deviation over
folds; "+0.12 [-0.31, +0.55]", a difference and its interval.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO

from heterophony.errors import InputError
from heterophony.metrics import Interval
from heterophony.report.results_file import neutral

MeanStd = tuple[float, float | None]


@dataclass(frozen=True, kw_only=True)
class SweepRow:
    """One recipe of a sweep. All numbers are fractions of 1, those of the paper too.

    Attributes:
        name: Of the recipe.
        about: What it is, one sentence.
        ours: Mean and standard deviation over the folds of our run; the latter None where there is only one fold.
        paper: The same as the paper has it; None where it has none.
        recomputed: The same from the paper's published predictions; None where there are none.
        difference: Ours minus the baseline; None for the baseline itself.
        baseline: The recipe it is compared with; "" for none.
        clips: How many were scored; 0 where that is not known.
        note: What a reader must know of this row.

    Raises:
        InputError: If a mean or standard deviation is no fraction of 1.
    """

    name: str
    ours: MeanStd
    about: str = ""
    paper: MeanStd | None = None
    recomputed: MeanStd | None = None
    difference: Interval | None = None
    baseline: str = ""
    clips: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        for what, pair in (("ours", self.ours), ("paper", self.paper), ("recomputed", self.recomputed)):
            if pair is not None and not all(value is None or 0 <= value <= 1 for value in pair):
                raise InputError(f"sweep table: {what} of {self.name!r} is {pair}; wanted fractions of 1, not per cent")


@dataclass(frozen=True)
class SweepTable:
    """The table as text.

    Attributes:
        header: Titles of the columns.
        lines: One per recipe, a cell per column.
    """

    header: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def sweep_table(rows: Sequence[SweepRow]) -> SweepTable:
    """The columns recipe, paper, recomputed, ours, difference to the baseline, note; one that nobody has is left out.

    Where the rows were compared with different baselines, or different numbers of clips were scored, columns say which.
    """
    kept = {title: [cell(row) for row in rows] for title, cell in _COLUMNS.items()}
    kept = {title: cells for title, cells in kept.items() if any(cells) or title in ("recipe", "ours")}
    for title in ("baseline", "clips"):
        if len({cell for cell in kept.get(title, []) if cell}) < 2:
            kept.pop(title, None)
    return SweepTable(tuple(kept), tuple(zip(*kept.values(), strict=True)))


def sweep_markdown(rows: Sequence[SweepRow]) -> str:
    """`sweep_table` as a table of Markdown, with a line break at its end."""
    table = sweep_table(rows)
    rule = [":--" if title in _TEXTS else "--:" for title in table.header]
    return "".join(f"| {' | '.join(map(_escaped, cells))} |\n" for cells in (table.header, rule, *table.lines))


CSV_COLUMNS = (
    *("recipe", "about", "paper", "paper_std", "recomputed", "recomputed_std", "ours", "ours_std"),
    *("difference", "difference_low", "difference_high", "difference_error", "baseline", "clips", "note"),
)
"""The promised order."""


def sweep_csv(rows: Sequence[SweepRow]) -> str:
    """All of `CSV_COLUMNS` with line feeds, numbers in per cent with four decimals; empty where there is none.

    A text that a spreadsheet would run as a formula gets an apostrophe, as in `write_results`.
    """
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in rows:
        found = row.difference
        numbers = [
            *(row.paper or (None, None)),
            *(row.recomputed or (None, None)),
            *row.ours,
            *((found.value, found.low, found.high, found.spread) if found else (None,) * 4),
        ]
        percents = ["" if number is None else f"{100 * number:z.4f}" for number in numbers]
        before, after = (row.name, row.about), (row.baseline, str(row.clips or ""), row.note)
        writer.writerow([*map(neutral, before), *percents, *map(neutral, after)])
    return stream.getvalue()


def _mean_std(pair: MeanStd | None) -> str:
    if pair is None:
        return ""
    mean, std = pair
    return f"{100 * mean:.2f}" if std is None else f"{100 * mean:.2f} ± {100 * std:.2f}"


def _difference(found: Interval | None) -> str:
    if found is None:
        return ""
    value, low, high = (f"{100 * number:+z.2f}" for number in (found.value, found.low, found.high))
    return f"{value} [{low}, {high}]"


def _escaped(cell: str) -> str:
    """A cell of Markdown: on one line, without a bar that would end it."""
    return " ".join(cell.split()).replace("|", r"\|")


_TEXTS = ("recipe", "baseline", "note")
_COLUMNS: dict[str, Callable[[SweepRow], str]] = {
    "recipe": lambda row: row.name,
    "paper": lambda row: _mean_std(row.paper),
    "recomputed": lambda row: _mean_std(row.recomputed),
    "ours": lambda row: _mean_std(row.ours),
    "difference to the baseline": lambda row: _difference(row.difference),
    "baseline": lambda row: row.baseline if row.difference else "",
    "clips": lambda row: f"{row.clips:,}" if row.clips else "",
    "note": lambda row: row.note,
}
