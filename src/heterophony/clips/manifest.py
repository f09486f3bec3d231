"""A manifest: the table that says which clips there are, and what is known about each."""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from heterophony.clips.cells import Cells, read_cells
from heterophony.clips.clip import Clip
from heterophony.errors import InputError

# What a column of a clip may be called, the first one there counts.
ALIASES: dict[str, tuple[str, ...]] = {
    "file_name": ("file_name",),
    "pictures": ("pictures_file_name",),
    "id": ("id", "sound_id"),
    "title": ("title",),
    "tags": ("tags",),
    "description": ("description",),
    "label": ("label", "class"),
    "label_top": ("label_top", "class_top"),
    "group": ("group", "uploader", "location_id"),
    "fold": ("fold",),
}
_EMPTY_IS_UNKNOWN = ("label", "label_top", "group", "fold")


def read_manifest(
    path: Path, *, label: str | None = None, label_top: str | None = None, group: str | None = None
) -> list[Clip]:
    """Read the clips that a table lists, in its order.

    The table needs a column `file_name` (relative to the table's folder), or `id` (or `sound_id`), or both. Of the
    names in `ALIASES` the first one that is there counts; every column that means nothing else goes to
    `Clip.columns` as text. Whether the recordings exist is not asked: one that is missing is refused when it is read.

    Args:
        path: A `.csv`, `.tsv`, `.jsonl` or `.parquet` file.
        label: The column that holds the class; None takes `label` or `class`, if there.
        label_top: The column that holds the top level of the class; None takes `label_top` or `class_top`, if there.
        group: The column of what must stay in one fold; None takes `group`, `uploader` or `location_id`, if there.

    Raises:
        InputError: The file cannot be read as a table, a named column is missing, a row has no name or only pictures,
            or an id is there twice.
    """
    cells = read_cells(path)
    where = _find_columns(path, cells.columns, {"label": label, "label_top": label_top, "group": group})
    if not cells.rows:
        raise InputError(f"{path}: a header but no rows; nothing to read")
    rest = [(name, index) for index, name in enumerate(cells.columns) if index not in set(where.values())]
    clips = [
        _clip(path, number, {part: row[index] for part, index in where.items()}, {n: row[i] or "" for n, i in rest})
        for row, number in zip(cells.rows, cells.numbers, strict=True)
    ]
    _refuse_doubled_ids(path, clips, cells)
    return clips


def _find_columns(path: Path, columns: list[str], given: Mapping[str, str | None]) -> dict[str, int]:
    """Part of a clip → index of its column, for the parts that the table has."""
    where: dict[str, int] = {}
    for part, aliases in ALIASES.items():
        name = given.get(part) or next((alias for alias in aliases if alias in columns), None)
        if name is None:
            continue
        if name not in columns:
            raise InputError(
                f"{path}: no column {name!r} for the {part}{_nearest(name, columns)}; it has {_list(columns)}"
            )
        where[part] = columns.index(name)
    if "file_name" not in where and "id" not in where:
        hint = _nearest("file_name", columns)
        raise InputError(f"{path}: needs a column 'file_name', 'id' or 'sound_id'{hint}; it has {_list(columns)}")
    return where


def _clip(path: Path, number: int, cells: Mapping[str, str | None], columns: Mapping[str, str]) -> Clip:
    file_name = (cells.get("file_name") or "").strip()
    name = (cells.get("id") or "").strip() or file_name
    if not name:
        raise InputError(f"{path}, row at line {number}: neither a file name nor an id; fill it in or delete the row")
    pictures = (cells.get("pictures") or "").strip()
    if pictures and not file_name:
        raise InputError(f"{path}, row at line {number}: pictures_file_name without file_name; put the file there")
    known = {part: (cells.get(part) or "").strip() or None for part in _EMPTY_IS_UNKNOWN}
    return Clip(
        id=name,
        file_name=file_name,
        path=path.parent / file_name if file_name else None,
        pictures_path=path.parent / pictures if pictures else None,
        title=cells.get("title"),
        tags=cells.get("tags"),
        description=cells.get("description"),
        label=known["label"],
        label_top=known["label_top"],
        group=known["group"],
        fold=known["fold"],
        columns=columns,
    )


def _refuse_doubled_ids(path: Path, clips: list[Clip], cells: Cells) -> None:
    doubled = [name for name, count in Counter(clip.id for clip in clips).items() if count > 1]
    if not doubled:
        return
    lines = [number for clip, number in zip(clips, cells.numbers, strict=True) if clip.id == doubled[0]]
    raise InputError(
        f"{path}: {len(doubled)} ids are there more than once: {_list(doubled)} "
        f"({doubled[0]!r} at lines {_list(lines)}); give every row its own 'id'"
    )


def _nearest(name: str, columns: list[str]) -> str:
    close = difflib.get_close_matches(name, columns, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _list(names: Iterable[object], most: int = 12) -> str:
    shown = [str(name) for name in names]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
