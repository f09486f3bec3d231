"""A data set's own table as records: the columns that its layout promises are checked first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from heterophony.clips.cells import read_cells
from heterophony.errors import InputError


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table.

    Attributes:
        where: File and line, for messages.
        cells: Column → text, stripped; "" where the table has nothing.
    """

    where: str
    cells: dict[str, str]


def read_records(path: Path, columns: Sequence[str], key: str) -> list[Record]:
    """The rows of a table, in its order.

    Args:
        path: The table (CSV, TSV, JSON lines or Parquet).
        columns: Columns that must be there; others are read too.
        key: The column that names the row: never empty, never the same twice.

    Raises:
        InputError: There is no such file, it is not a table, it has no rows, a column is missing, or a name is
            missing or doubled.
    """
    find_table(path)
    cells = read_cells(path)
    missing = [name for name in columns if name not in cells.columns]
    if missing:
        raise InputError(f"{path}: no column {', '.join(missing)}; it has {', '.join(cells.columns)}")
    if not cells.rows:
        raise InputError(f"{path}: a header but no rows; nothing to read")
    records = [
        Record(f"{path}, line {number}", {n: (c or "").strip() for n, c in zip(cells.columns, row, strict=True)})
        for row, number in zip(cells.rows, cells.numbers, strict=True)
    ]
    seen: dict[str, str] = {}
    for record in records:
        name = record.cells[key]
        if not name or name in seen:
            raise InputError(f"{record.where}: " + (f"{name!r} is there twice" if name else f"no {key}"))
        seen[name] = record.where
    return records


def find_table(path: Path) -> None:
    """Refuse a path that is no file, with what its folder holds instead.

    Raises:
        InputError: There is no such file.
    """
    if path.is_file():
        return
    tables = sorted(other.name for other in path.parent.glob("*.*")) if path.parent.is_dir() else []
    there = f"that folder has {', '.join(tables[:8])}" if tables else f"there is nothing in {path.parent}"
    raise InputError(f"{path}: not there; {there}. Name the folder into which the data set was unpacked")
