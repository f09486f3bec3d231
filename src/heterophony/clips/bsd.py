"""BSD10k and BSD35k-CS as they come: one metadata table, one recording and one vector per sound.

Layout (DCASE 2026 Task 1): `metadata/<name>_metadata.csv`, `audio/<sound_id>.wav`, `features/<kind>/<sound_id>.npy`.
A class is a number of three digits, (top + 1) * 100 + position from 1: 404 is fx-h. x00 ("only the top is known") and
x99 ("other") are no training classes and are left out; the remaining numbers in sorted order are the classes of the
Broad Sound Taxonomy, 0 to 22. Version 1.1 writes 0 to 22 itself; both are read.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

from heterophony.clips.clip import Clip
from heterophony.clips.found import Found, files_in, lacking, with_sound
from heterophony.clips.manifest import read_manifest
from heterophony.clips.records import find_table
from heterophony.errors import InputError
from heterophony.taxonomy import BST

BsdName = Literal["BSD10k", "BSD35k-CS"]
_OTHERS = {
    (top + 1) * 100 + end: f"{key}-{tail}"
    for top, key in enumerate(BST.tops)
    for end, tail in ((0, "0"), (99, "other"))
}
_CODES = {
    (top + 1) * 100 + position: key
    for top, name in enumerate(BST.tops)
    for position, key in enumerate((key for key in BST.classes if BST.top(key) == name), start=1)
}
_KEYS = {**_OTHERS, **_CODES, **dict(enumerate(BST.classes))}


def read_bsd(folder: Path, name: BsdName = "BSD10k") -> Found:
    """Read one of the two development sets.

    Columns that count: `sound_id`; `class` (a key, "fx-h") or `class_idx` (a number) or both; `title`, `tags`,
    `description`; `uploader` becomes the group. `confidence` (1 to 5, or empty) stays in `Clip.columns`, where `source`
    is added: the name of the set. Rows keep their order.

    Args:
        folder: Where the record's archives were unpacked.
        name: Which of the two.

    Returns:
        Clips with labels of the Broad Sound Taxonomy. `dropped` counts the classes that are none ("fx-other", "fx-0");
        `lacking` names the clips without recording, words, uploader, confidence, or vector in a folder of `features/`.

    Raises:
        InputError: The table is missing, lacks a column, has an id twice, or a row's class or confidence is not one;
            or the numbers of the classes do not stand in the order of the taxonomy.
    """
    table = folder / "metadata" / f"{name}_metadata.csv"
    find_table(table)
    rows = read_manifest(table)
    if all(clip.label is None and "class_idx" not in clip.columns for clip in rows):
        raise InputError(f"{table}: no column 'class' or 'class_idx'; it has {', '.join(rows[0].columns)}")
    keys = [_key(clip, f"{table}, row {row} (sound {clip.id})") for row, clip in enumerate(rows, start=1)]
    _check_order(table, rows, keys)
    sounds = files_in(folder / "audio")
    clips = tuple(
        with_sound(
            replace(clip, label=key, label_top=BST.top(key), columns={**clip.columns, "source": name}),
            folder,
            f"audio/{clip.id}.wav",
            sounds,
        )
        for clip, key in zip(rows, keys, strict=True)
        if key in BST.classes
    )
    dropped = dict(sorted(Counter(key for key in keys if key not in BST.classes).items()))
    return Found(clips, dropped, lacking(clips, _tests(folder)))


def _key(clip: Clip, where: str) -> str:
    """The class of a row, or the name of what is no class."""
    code = clip.columns.get("class_idx", "").strip()
    if code and not code.isdecimal():
        raise InputError(f"{where}: class_idx {code!r} is not a number")
    if clip.columns.get("confidence", "").strip().removesuffix(".0") not in {"", "1", "2", "3", "4", "5"}:
        raise InputError(f"{where}: confidence {clip.columns['confidence']!r}; wanted 1 to 5 or nothing")
    key = _KEYS.get(int(code)) if clip.label is None and code else clip.label
    key = f"{key}-0" if key in BST.tops else key
    if key is None or key not in {*BST.classes, *_OTHERS.values()}:
        raise InputError(
            f"{where}: class {clip.label!r}, class_idx {code!r} is no class of the Broad Sound Taxonomy; wanted a key "
            "such as 'fx-h', or 0 to 22, or three digits such as 404 (x00 and x99 are left out)"
        )
    if clip.label_top in BST.tops and clip.label_top != key.partition("-")[0]:
        raise InputError(f"{where}: class {key!r} under the top {clip.label_top!r}")
    return key


def _check_order(table: Path, rows: Sequence[Clip], keys: Sequence[str]) -> None:
    """Numbers name classes one to one and in the order of the taxonomy, whichever of the two ways they are written."""
    code_of: dict[str, int] = {}
    for clip, key in zip(rows, keys, strict=True):
        code = clip.columns.get("class_idx", "").strip()
        if code and key in BST.classes and code_of.setdefault(key, int(code)) != int(code):
            raise InputError(f"{table}: class {key!r} has the numbers {code_of[key]} and {code} (sound {clip.id})")
    ordered = sorted(code_of, key=BST.index)
    for before, after in pairwise(ordered):
        if code_of[before] >= code_of[after]:
            raise InputError(
                f"{table}: {before!r} has the number {code_of[before]}, {after!r} after it {code_of[after]}: "
                "not the order of the taxonomy; the table is of another version"
            )


def _tests(folder: Path) -> dict[str, Callable[[Clip], object]]:
    """What a clip of a complete record has."""
    tests: dict[str, Callable[[Clip], object]] = {
        "audio": lambda clip: clip.path,
        "title": lambda clip: clip.title,
        "tags": lambda clip: clip.tags,
        "description": lambda clip: clip.description,
        "uploader": lambda clip: clip.group,
        "confidence": lambda clip: clip.columns.get("confidence"),
    }
    kinds = [kind for kind in sorted(folder.glob("features/*")) if kind.is_dir()]
    return tests | {f"features/{kind.name}": _has_vector(files_in(kind)) for kind in kinds}


def _has_vector(names: frozenset[str]) -> Callable[[Clip], object]:
    return lambda clip: clip.id if f"{clip.id}.npy" in names else None
