"""Who the rows are that a graph model knows, so that its neighbours can be named: `bank.csv` in the model's folder."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from heterophony.errors import AlignmentError, InputError
from heterophony.recipes.samples import Samples
from heterophony.taxonomy import Taxonomy

COLUMNS = ("id", "label", "group", "words")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRows:
    """The rows of a bank, in its order.

    Attributes:
        ids: Of each; the same id may come twice where rows of several data sets are known.
        labels: Keys of classes; "" where the model was not told.
        groups: What each belongs to; None: unknown.
        words: What the words encoder read; "" where there are none.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    groups: tuple[str | None, ...]
    words: tuple[str, ...]

    def __post_init__(self) -> None:
        counts = [len(self.ids), len(self.labels), len(self.groups), len(self.words)]
        if len(set(counts)) > 1:
            raise AlignmentError(f"known rows: {counts} ids, labels, groups, words; wanted as many of each")

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, stays: Bool[np.ndarray, " rows"]) -> "KnownRows":
        """Those rows that stay, in their order."""
        kept = np.flatnonzero(stays).tolist()
        columns = {name: tuple(getattr(self, name)[row] for row in kept) for name in self.__slots__}
        return KnownRows(**columns)

    def write(self, path: Path) -> None:
        """Writes the columns `COLUMNS`; what UTF-8 cannot hold (bytes of file names) as visible escapes."""
        with path.open("w", encoding="utf-8", newline="", errors="backslashreplace") as stream:
            writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)  # readers break at a bare \r
            writer.writerow(COLUMNS)
            writer.writerows(
                zip(self.ids, self.labels, (group or "" for group in self.groups), self.words, strict=True)
            )


def read_known_rows(path: Path) -> KnownRows:
    """What `write` wrote.

    Raises:
        InputError: It has other columns, or a row has too few cells.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    if not lines or tuple(lines[0]) != COLUMNS or any(len(line) != len(COLUMNS) for line in lines):
        raise InputError(f"{path}: wanted rows of {', '.join(COLUMNS)}; the model was altered")
    ids, labels, groups, words = zip(*lines[1:], strict=True) if lines[1:] else ((), (), (), ())
    return KnownRows(ids=ids, labels=labels, groups=tuple(group or None for group in groups), words=words)


def known_rows(taught: Sequence[Samples], beside: Sequence[Samples], taxonomy: Taxonomy) -> KnownRows:
    """The rows of a bank.

    Args:
        taught: Whose labels the model was told.
        beside: Those behind them, that are in the graph without their labels.
        taxonomy: Names the classes.
    """
    parts = [*taught, *beside]
    labels = [
        taxonomy.classes[target] if target >= 0 and number < len(taught) else ""
        for number, part in enumerate(parts)
        for target in part.target.tolist()
    ]
    return KnownRows(
        ids=tuple(key for part in parts for key in part.ids),
        labels=tuple(labels),
        groups=tuple(group for part in parts for group in part.groups),
        words=tuple(text for part in parts for text in part.texts),
    )


def joined(one: KnownRows, other: KnownRows) -> KnownRows:
    """The rows of both, one after the other."""
    return KnownRows(
        ids=one.ids + other.ids,
        labels=one.labels + other.labels,
        groups=one.groups + other.groups,
        words=one.words + other.words,
    )
