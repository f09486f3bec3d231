"""A manifest's cells as text, whatever kind of file holds them: CSV, TSV, Parquet or JSON lines."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from heterophony.errors import InputError

_DELIMITERS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, slots=True)
class Cells:
    """A table of text.

    Attributes:
        columns: Names of the columns, in the file's order.
        rows: One list of cells per row, in the order of `columns`; None where JSON or Parquet has no value.
        numbers: Where each row is found: its line in a text file, its row (from 1) in a Parquet file.
    """

    columns: list[str]
    rows: list[list[str | None]]
    numbers: list[int]


def read_cells(path: Path) -> Cells:
    """Read every cell of a table as text.

    Args:
        path: A `.csv`, `.tsv`, `.jsonl` (or `.ndjson`) file in UTF-8, or a `.parquet` file.

    Raises:
        InputError: The suffix is none of these, the file cannot be read, or a row is not what its header promises.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: a manifest ends in {', '.join(READERS)}, not in '{path.suffix}'")
    try:
        cells = reader(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    doubled = sorted({name for name in cells.columns if cells.columns.count(name) > 1})
    if doubled:
        raise InputError(f"{path}: the column {doubled[0]!r} is there twice; rename one")
    return cells


def _read_delimited(path: Path) -> Cells:
    lines = io.StringIO(_decoded(path), newline="")
    header = lines.readline()
    lines.seek(0)
    delimiter = _DELIMITERS[path.suffix.lower()]
    if delimiter not in header:  # spreadsheets of many countries write ";" into a .csv
        delimiter = next((other for other in (";", "\t", ",") if other in header), delimiter)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    try:
        columns = [name.strip() for name in next(reader, [])]
        for row in reader:
            if not any(row):
                continue
            if len(row) != len(columns):
                raise InputError(
                    f"{path}, line {reader.line_num}: {len(row)} cells, but the header names {len(columns)} columns; "
                    "put quotes around cells that hold the delimiter"
                )
            rows.append(list(row))
            numbers.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not a CSV row ({error})") from error
    return Cells(columns, rows, numbers)


def _read_json_lines(path: Path) -> Cells:
    records: list[dict[str, object]] = []
    numbers: list[int] = []
    for number, line in enumerate(_decoded(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(record, dict):
            raise InputError(f"{path}, line {number}: a JSON object was wanted, {type(record).__name__} came")
        records.append(record)
        numbers.append(number)
    columns = list(dict.fromkeys(name for record in records for name in record))
    return Cells(columns, [[_as_text(record.get(name)) for name in columns] for record in records], numbers)


def _read_parquet(path: Path) -> Cells:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except pyarrow.ArrowException as error:
        raise InputError(f"{path}: not a Parquet file ({error})") from error
    columns = [_texts(column.to_pylist()) for column in table.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Cells(list(table.column_names), rows, list(range(1, len(rows) + 1)))


READERS: dict[str, Callable[[Path], Cells]] = {
    ".csv": _read_delimited,
    ".tsv": _read_delimited,
    ".parquet": _read_parquet,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
}


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: not UTF-8 text; save the file as 'CSV UTF-8'") from error


def _texts(values: Iterable[object]) -> Iterator[str | None]:
    return (_as_text(value) for value in values)


def _as_text(value: object) -> str | None:
    """A cell as a CSV file would hold it: whole floats without ".0", lists joined by commas, no value None."""
    text: str | None
    match value:
        case None:
            text = None
        case float():
            text = None if math.isnan(value) else str(int(value)) if value.is_integer() else str(value)
        case dict():
            text = json.dumps(value, ensure_ascii=False)
        case bytes():
            text = value.decode("utf-8", errors="replace")
        case list() | tuple():
            text = ",".join(str(part) for part in value)
        case _:
            text = str(value)
    return text
