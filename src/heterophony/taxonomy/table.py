"""A tree of classes as a CSV file: one row per key, in index order.

Columns `key,parent,name,definition`; `name` and `definition` may be left out. A row without parent is a top level, a
row with a parent is a class. A row without parent that no other row names as its parent is a class that is its own
top, so a plain list of keys is a tree of one level.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from heterophony.errors import InputError
from heterophony.taxonomy.tree import Taxonomy

_COLUMNS = ("key", "parent", "name", "definition")


@dataclass(frozen=True)
class _Row:
    """One line of the file."""

    key: str
    parent: str
    name: str
    definition: str


def read_taxonomy(path: Path, name: str | None = None) -> Taxonomy:
    """Reads a tree.

    Args:
        path: CSV file in UTF-8.
        name: What to call the tree; None: the stem of the file's name.

    Raises:
        InputError: If the file is missing or not CSV in UTF-8, a column or key is missing, a key is doubled, or a
            parent has no row.
    """
    rows = _read_rows(path)
    tops = [row.key for row in rows if not row.parent]
    parents = {row.parent for row in rows if row.parent}
    for number, row in enumerate(rows, start=2):
        if row.parent and row.parent not in tops:
            raise InputError(
                f"{path}, line {number}: parent {row.parent!r} has no row of its own; add one without parent"
            )
    members = [(row.key, row.parent or row.key) for row in rows if row.parent or row.key not in parents]
    try:
        return Taxonomy(
            name=name or path.stem,
            classes=tuple(key for key, _ in members),
            tops=tuple(tops),
            top_of=tuple(tops.index(top) for _, top in members),
            names={row.key: row.name for row in rows if row.name},
            definitions={row.key: row.definition for row in rows if row.definition},
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def write_taxonomy(taxonomy: Taxonomy, path: Path) -> None:
    """Writes a tree so that `read_taxonomy` gives back the same one (its name is the file's stem)."""
    rows = [(key, "") for key in taxonomy.tops]
    if taxonomy.levels == 2:
        rows += [(key, taxonomy.tops[top]) for key, top in zip(taxonomy.classes, taxonomy.top_of, strict=True)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(_COLUMNS)
        for key, parent in rows:
            writer.writerow((key, parent, taxonomy.names.get(key, ""), taxonomy.definitions.get(key, "")))


def _read_rows(path: Path) -> list[_Row]:
    """The lines of the file, checked one by one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = tuple(reader.fieldnames or ())
            table = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a taxonomy that can be read ({error}); wanted CSV in UTF-8") from error
    if "key" not in columns or "parent" not in columns:
        raise InputError(
            f"{path}: wanted the columns key,parent[,name,definition], found {', '.join(columns) or 'none'}"
        )
    rows = []
    for number, cells in enumerate(table, start=2):
        row = _Row(*((cells.get(column) or "").strip() for column in _COLUMNS))
        if not row.key:
            raise InputError(f"{path}, line {number}: no key; every row needs one")
        rows.append(row)
    return rows
