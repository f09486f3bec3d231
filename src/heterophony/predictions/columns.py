"""A table with named columns, from any kind of file: which column is what, and each cell with its place in the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn
from zipfile import BadZipFile, is_zipfile

import numpy as np
from jaxtyping import Float64, Int64

from heterophony.clips.cells import READERS, read_cells
from heterophony.errors import InputError
from heterophony.taxonomy import Taxonomy

SYNONYMS: dict[str, tuple[str, ...]] = {
    "id": ("id", "sound_id", "file_name"),
    "target": ("target", "ground_truth", "label"),
    "prediction": ("prediction", "predicted", "predicted_bst_second_level_class", "class"),
    "score": ("score", "prediction_score", "class_probability"),
    "fold": ("fold",),
    "group": ("group", "uploader", "location", "location_id"),
}
"""What a column may be called; the first that is there counts."""

TEXTS = (".csv", ".tsv", ".jsonl", ".ndjson")
"""Files whose rows are lines."""

OF_LABELS = SYNONYMS | {"target": (*SYNONYMS["target"], "class"), "prediction": (), "score": ()}
"""The same for a table of labels, where `class` is the true one."""


@dataclass(frozen=True)
class Columns:
    """A table as text, column by column.

    Attributes:
        path: The file.
        cells: Column to its cells, stripped; "" where the file has nothing.
        numbers: Where each row is found: line of a text file, row (from 1) of another.
        fields: The parts of `SYNONYMS` that are there, with the column that each is.
    """

    path: Path
    cells: Mapping[str, Sequence[str]]
    numbers: Sequence[int]
    fields: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.numbers)

    def of(self, field: str) -> Sequence[str] | None:
        """The cells of a part; None where the table has no such column."""
        return self.cells[self.fields[field]] if field in self.fields else None

    def refuse(self, row: int, what: str) -> NoReturn:
        """Refuses a row, with file, line and id.

        Raises:
            InputError: Always.
        """
        ids = self.of("id")
        named = f" (id {ids[row]})" if ids is not None and ids[row] else ""
        raise InputError(f"{self.path}, {self.place(row)}{named}: {what}")

    def place(self, row: int) -> str:
        """Where a row is in the file."""
        return f"{'line' if self.path.suffix.lower() in TEXTS else 'row'} {self.numbers[row]}"


def read_columns(path: Path, synonyms: Mapping[str, Sequence[str]] = SYNONYMS) -> Columns:
    """Reads a table (CSV, TSV, JSON lines, Parquet, or .npz of arrays of one length) whose rows have unique ids.

    Raises:
        InputError: It cannot be read, is empty, has no column of ids, or an id is missing or there twice.
    """
    cells, numbers = _arrays(path) if path.suffix.lower() == ".npz" else _table(path)
    if not cells or not numbers:
        raise InputError(f"{path}: {'a header but no rows' if cells else 'it is empty'}; wanted one row per clip")
    found = {part: next((name for name in names if name in cells), "") for part, names in synonyms.items()}
    columns = Columns(path, cells, numbers, {part: name for part, name in found.items() if name})
    ids = columns.of("id")
    if ids is None:
        raise InputError(f"{path}: {no_column(columns, 'id', synonyms['id'])}")
    first: dict[str, int] = {}
    for row, key in enumerate(ids):
        if not key:
            columns.refuse(row, "no id; every row needs its own")
        if key in first:
            columns.refuse(row, f"this id is at {columns.place(first[key])} already; give each clip one row")
        first[key] = row
    return columns


def no_column(columns: Columns, field: str, names: Sequence[str]) -> str:
    """What to say where a column is missing: what it may be called, what is there, what was probably meant."""
    near = [match for name in names for match in get_close_matches(name, columns.cells, n=1, cutoff=0.75)]
    hint = f" (did you mean {near[0]!r}? rename it)" if near else ""
    there = ", ".join([*columns.cells][:12]) + (" …" if len(columns.cells) > 12 else "")
    return f"no column for the {field}: wanted {' or '.join(map(repr, names))}{hint}; it has {there}"


def class_indices(columns: Columns, field: str, taxonomy: Taxonomy, *, may_lack: bool) -> Int64[np.ndarray, " rows"]:
    """The classes of a column by their index; -1 where a cell is empty, if it may be.

    Raises:
        InputError: A class is not in the tree (the message has the nearest), or a cell is empty that must not be.
    """
    place = {key: number for number, key in enumerate(taxonomy.classes)}
    cells = columns.of(field) or ()
    found = np.full(len(cells), -1, dtype=np.int64)
    for row, cell in enumerate(cells):
        if cell in place:
            found[row] = place[cell]
        elif cell:
            columns.refuse(row, f"{columns.fields[field]} {cell!r}: {_unknown(cell, taxonomy)}")
        elif not may_lack:
            columns.refuse(row, f"no {columns.fields[field]}; give every row one, or leave the clip out of all tables")
    return found


def numbers_of(columns: Columns, names: Sequence[str]) -> Float64[np.ndarray, "rows columns"]:
    """The cells of some columns as finite numbers.

    Raises:
        InputError: One is none; names column and row.
    """
    values = np.empty((len(columns), len(names)))
    for place, name in enumerate(names):
        for row, cell in enumerate(columns.cells[name]):
            try:
                values[row, place] = float(cell)
            except ValueError:
                columns.refuse(row, f"column {name!r}: wanted a number, came {cell!r}")
    odd = np.argwhere(~np.isfinite(values))
    if len(odd):
        row, place = odd[0].tolist()
        columns.refuse(row, f"column {names[place]!r}: {values[row, place]} is no finite number")
    return values


def _unknown(key: str, taxonomy: Taxonomy) -> str:
    try:
        taxonomy.index(key)
    except InputError as error:
        return str(error)
    raise AssertionError(key)


def _table(path: Path) -> tuple[dict[str, list[str]], list[int]]:
    if path.suffix.lower() not in READERS:
        kinds = ", ".join((*READERS, ".npz"))
        raise InputError(f"{path}: a table of predictions ends in {kinds}, or is a folder, not {path.suffix!r}")
    cells = read_cells(path)
    rows = [[(cell or "").strip() for cell in row] for row in cells.rows]
    return {name: [row[place] for row in rows] for place, name in enumerate(cells.columns)}, cells.numbers


def _arrays(path: Path) -> tuple[dict[str, list[str]], list[int]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, BadZipFile) as error:
        what = f"arrays that cannot be read ({error})" if is_zipfile(path) else "no archive of arrays"
        raise InputError(f"{path}: {what}; wanted an .npz, without pickled objects") from error
    shapes = {name: array.shape for name, array in found.items()}
    if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
        raise InputError(f"{path}: wanted arrays of one axis and one length, named like columns; came {shapes}")
    count = next(iter(shapes.values()), (0,))[0]
    return {name: [str(value).strip() for value in array] for name, array in found.items()}, list(range(1, count + 1))
