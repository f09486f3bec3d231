"""Results as a file: CSV for spreadsheets, Parquet for tables, JSON for programs."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from heterophony.errors import ConfigError
from heterophony.report.result import COLUMNS, TEXT_COLUMNS, Result

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_results(rows: Sequence[Result], path: Path) -> None:
    r"""Writes the rows in the format that the file's suffix names: .csv, .parquet or .json.

    Numbers have six decimals. A text cell of a CSV file that a spreadsheet would run as a formula (it starts with one
    of = + - @ or a tab or line break) gets a leading apostrophe; Parquet and JSON hold the text as it is. Bytes of a
    file name that are not UTF-8 are written as `\udc..` escapes everywhere.

    Raises:
        ConfigError: If the suffix is another one.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ConfigError(f"{path}: results cannot be written as {path.suffix!r}; use {', '.join(_WRITERS)}")
    writer(rows, path)


def printable(text: str) -> str:
    """The text with what no encoding can hold (parts of undecodable file names) as visible escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _cells(row: Result) -> dict[str, str | float | None]:
    """The cells of a row, ready for any format."""
    return {name: _cell(value) for name, value in row.cells().items()}


def _plain(row: Result) -> dict[str, object]:
    """The cells and what only JSON can hold: whom a graph model asked."""
    asked = {} if row.neighbourhood is None else row.neighbourhood.plain()
    return {**_cells(row), **asked}


def _cell(value: str | float | None) -> str | float | None:
    if value is None:
        return None
    return printable(value) if isinstance(value, str) else round(float(value), 6)


def _write_csv(rows: Sequence[Result], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        plain = csv.writer(stream, lineterminator="\n")
        quoting = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
        plain.writerow(COLUMNS)
        for row in rows:
            cells = [neutral(value) for value in _cells(row).values()]
            # The plain writer leaves a lone carriage return unquoted, and readers would take it for the end of the row.
            writer = quoting if any("\r" in cell for cell in cells) else plain
            writer.writerow(cells)


def neutral(value: str | float | None) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    return f"{value:.6f}"


def _write_json(rows: Sequence[Result], path: Path) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write("[")
        for number, row in enumerate(rows):
            stream.write((",\n" if number else "\n") + json.dumps(_plain(row), ensure_ascii=False))
        stream.write("\n]\n")


def _write_parquet(rows: Sequence[Result], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string() if name in TEXT_COLUMNS else pa.float64()) for name in COLUMNS])
    pq.write_table(pa.Table.from_pylist([_cells(row) for row in rows], schema=schema), path)


_WRITERS: dict[str, Callable[[Sequence[Result], Path], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".json": _write_json,
}
SUFFIXES = tuple(_WRITERS)
"""What a results file may end in."""
