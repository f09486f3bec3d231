"""FSD50K as it comes: 51,197 Freesound sounds with one or more of 200 labels.

Source: E. Fonseca, X. Favory, J. Pons, F. Font, X. Serra, "FSD50K: an Open Dataset of Human-Labeled Sound Events",
IEEE/ACM TASLP 30, 2022. Layout: `FSD50K.ground_truth/{dev,eval}.csv` (fname, labels, mids, and in dev split),
`FSD50K.metadata/{dev,eval}_clips_info_FSD50K.json`, `FSD50K.{dev,eval}_audio/<fname>.wav`. `fname` is the Freesound id.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from heterophony.clips.clip import Clip
from heterophony.clips.found import Found, files_in, lacking, with_sound
from heterophony.clips.records import Record, read_records
from heterophony.errors import InputError

_WORDS = ("title", "tags", "description", "license", "uploader")


def read_fsd50k(folder: Path, parts: Sequence[Literal["dev", "eval"]] = ("dev", "eval")) -> Found:
    """Read the data set, in the order of its tables.

    A clip has several labels, so `Clip.label` is None and `Clip.columns["labels"]` holds them all, separated by commas:
    the specific ones first, then the more general ones above them. `Clip.columns` also has `source` ("FSD50K"),
    `freesound_id`, `split` (train, val or eval) and `license`; the uploader is the group. Words come from the JSON
    file of the part; without it the clips have none, and `Found.lacking` says so.

    Args:
        folder: Where the archives were unpacked: the folder with `FSD50K.ground_truth`.
        parts: Which of the two parts.

    Raises:
        InputError: A table is missing, lacks a column, or has a sound twice or without label; or the JSON file
            cannot be read.
    """
    clips = tuple(clip for part in parts for clip in _read_part(folder, part))
    doubled = len(clips) - len({clip.id for clip in clips})
    if doubled:
        raise InputError(f"{folder}: {doubled} sounds are in both parts; unpack the data set anew")
    tests = {
        "audio": lambda clip: clip.path,
        "title": lambda clip: clip.title,
        "tags": lambda clip: clip.tags,
        "description": lambda clip: clip.description,
        "uploader": lambda clip: clip.group,
    }
    return Found(clips, lacking=lacking(clips, tests))


def _read_part(folder: Path, part: str) -> list[Clip]:
    columns = ("fname", "labels", "split") if part == "dev" else ("fname", "labels")
    records = read_records(folder / "FSD50K.ground_truth" / f"{part}.csv", columns, key="fname")
    words = _read_words(folder / "FSD50K.metadata" / f"{part}_clips_info_FSD50K.json")
    sounds = files_in(folder / f"FSD50K.{part}_audio")
    return [
        with_sound(
            _clip(record, words.get(record.cells["fname"], {}), part),
            folder,
            f"FSD50K.{part}_audio/{record.cells['fname']}.wav",
            sounds,
        )
        for record in records
    ]


def _clip(record: Record, words: Mapping[str, str], part: str) -> Clip:
    cells = record.cells
    labels = [label.strip() for label in cells["labels"].split(",") if label.strip()]
    if not labels or not cells["fname"].isdecimal():
        raise InputError(
            f"{record.where}: wanted a Freesound id and labels; {cells['fname']!r} and {cells['labels']!r} came"
        )
    return Clip(
        id=cells["fname"],
        title=words.get("title"),
        tags=words.get("tags"),
        description=words.get("description"),
        group=words.get("uploader") or None,
        columns={
            "source": "FSD50K",
            "freesound_id": cells["fname"],
            "labels": ",".join(labels),
            "split": cells.get("split", "") or part,
            "license": words.get("license", ""),
        },
    )


def _read_words(path: Path) -> dict[str, dict[str, str]]:
    """Id → its words and uploader, as text; nothing if there is no such file."""
    if not path.is_file():
        return {}
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as JSON in UTF-8 ({error})") from error
    if not isinstance(table, dict) or not all(isinstance(entry, dict) for entry in table.values()):
        raise InputError(f"{path}: wanted an object with one object per sound; unpack the metadata anew")
    return {name: {part: _text(entry[part]) for part in _WORDS if part in entry} for name, entry in table.items()}


def _text(value: object) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, list) else "" if value is None else str(value)
