"""A split as a file, so that it is made once and only read afterwards: `split.csv` with `id,fold,part`."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from heterophony.clips.cells import read_cells
from heterophony.clips.splits import Split
from heterophony.errors import AlignmentError, InputError

COLUMNS = ("id", "fold", "part")
PARTS = ("train", "validation", "test")


def write_split(split: Split, path: Path) -> None:
    """Write one row per clip and fold: its id, the fold, and the part (train, validation or test) it has there.

    The rows keep the order of `Split.parts`.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for fold in range(split.folds):
            for part, rows in zip(PARTS, split.parts(fold), strict=True):
                writer.writerows((split.ids[row], fold, part) for row in rows)


def read_split(path: Path, ids: Sequence[str] | None = None) -> Split:
    """Read a split that `write_split` wrote; `Split.parts` then names the same clips in the same order.

    Args:
        path: The CSV file.
        ids: The order that the indices shall count; None takes the order of the file's first fold.

    Raises:
        InputError: The file is not a split: a column is missing, a part has an unknown name, or a clip is not in
            exactly one part of every fold and in test exactly once (where there is one fold, at most once).
        AlignmentError: `ids` are not the clips of the file; the message names them.
    """
    folds = _read_folds(path)
    first = [name for part in PARTS for name in folds[0][part]]
    names = tuple(first if ids is None else ids)
    if set(names) != set(first) or len(names) != len(first):
        odd = sorted(set(names) ^ set(first)) or sorted(names)
        raise AlignmentError(f"{path}: holds {len(first)} clips, {len(names)} were asked for; not in both: {odd[:8]}")
    index = {name: row for row, name in enumerate(names)}
    fold = np.full(len(names), -1, np.int64)
    train, validation = {}, {}
    for number, parts in folds.items():
        if sorted(index.get(name, -1) for part in PARTS for name in parts[part]) != list(range(len(names))):
            raise InputError(f"{path}: fold {number} does not list each of the {len(names)} clips once; write it anew")
        fold[[index[name] for name in parts["test"]]] = number
        train[number] = np.array([index[name] for name in parts["train"]], np.int64)
        validation[number] = np.array([index[name] for name in parts["validation"]], np.int64)
    tested = sum(len(parts["test"]) for parts in folds.values())
    if tested == 0 or (len(folds) > 1 and ((fold < 0).any() or tested != len(names))):
        raise InputError(f"{path}: every clip must be tested in exactly one fold; write it anew")
    return Split(names, fold, train, validation)


def _read_folds(path: Path) -> Mapping[int, Mapping[str, list[str]]]:
    cells = read_cells(path)
    if tuple(cells.columns) != COLUMNS:
        raise InputError(f"{path}: a split has the columns {', '.join(COLUMNS)}; this has {', '.join(cells.columns)}")
    folds: dict[int, dict[str, list[str]]] = {}
    for (name, fold, part), number in zip(cells.rows, cells.numbers, strict=True):
        if part not in PARTS or not (fold or "").isdecimal() or not name:
            wanted = f"an id, a fold's number and one of {', '.join(PARTS)}"
            raise InputError(f"{path}, line {number}: wanted {wanted}; '{name},{fold},{part}' came")
        folds.setdefault(int(fold or 0), {part: [] for part in PARTS})[part].append(name)
    if sorted(folds) != list(range(len(folds))) or not folds:
        raise InputError(f"{path}: the folds must be counted 0, 1, 2 …; found {sorted(folds)}")
    return {number: folds[number] for number in sorted(folds)}
