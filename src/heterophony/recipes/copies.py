"""Augmented copies of recordings, written once, to be trained on beside them.

The offline part of the audio augmentation of Wang et al., 2022, section 2.2.1: each operation makes one more copy of
the training set. Copies are rows of another data set (`extra: {NAME: {copies: true}}`): each enters the training rows
of a fold only where all that went into it are training rows there, and none is ever tested.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from heterophony.clips import Clip
from heterophony.errors import ConfigError, InputError, MediaError
from heterophony.recipes.copies_of_clip import CopySettings, copies_of

MANIFEST = "copies.csv"
COLUMNS = ("id", "file_name", "title", "tags", "description", "label", "label_top", "group", "confidence")
PICTURES = "pictures_file_name"
"""The last column, where any copy has pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """What was written.

    Attributes:
        manifest: Its table; one row per copy, with label, words and group of its clip.
        written: How many copies.
        refused: Clips that have none, or not all, with the reason.
    """

    manifest: Path
    written: int
    refused: tuple[tuple[str, str], ...]


def write_copies(
    clips: Sequence[Clip],
    settings: CopySettings,
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
) -> Copies:
    """Writes augmented copies as WAV (float32, so that nothing is clipped) and a manifest; same seed, same bytes.

    The recordings are read one after the other, in this process.

    A clip without a group is its own group in the manifest. A copy of a clip with pictures has the clip's: the manifest
    names their file, as seen from the folder.

    Args:
        clips: A labelled collection; rows without recording have no copies.
        settings: Which.
        folder: Made if it is not there.
        progress: Called with (done, all) clips.

    Raises:
        ConfigError: A clip has no label.
        InputError: A clip is a segment, the folder has a manifest of copies, or no copy could be made.
        MissingExtraError: librosa is not installed.
    """
    manifest = folder / MANIFEST
    if manifest.exists():
        raise InputError(f"{manifest}: copies are there already; name another folder, or delete that one")
    heard = [clip for clip in clips if clip.path is not None]
    _refuse_segments(heard)
    others = _by_class(heard)
    rows: list[dict[str, str]] = []
    refused: list[tuple[str, str]] = []
    for number, clip in enumerate(heard):
        for copy in copies_of(clip, others[clip.label], settings, folder, number):
            if isinstance(copy, MediaError):
                refused.append((clip.id, str(copy)))
            else:
                rows.append(copy)
        if progress is not None:
            progress(number + 1, len(heard))
    if not rows:
        raise InputError(f"no copy of {len(heard)} recordings could be made" + (f"; {refused[0][1]}" * bool(refused)))
    with manifest.open("w", encoding="utf-8", newline="") as file:
        columns = (*COLUMNS, PICTURES) if any(PICTURES in row for row in rows) else COLUMNS
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return Copies(manifest=manifest, written=len(rows), refused=tuple(refused))


def _refuse_segments(clips: Sequence[Clip]) -> None:
    for clip in clips:
        if clip.stretch is not None:
            raise InputError(f"{clip.id}: is a segment; give whole clips, `rows.segments` cuts their copies too")


def _by_class(clips: Sequence[Clip]) -> Mapping[str | None, Sequence[Clip]]:
    lacking = [clip.id for clip in clips if clip.label is None]
    if lacking:
        raise ConfigError(f"{len(lacking)} clips have no label: {', '.join(lacking[:8])}; copies are to be trained on")
    classes = defaultdict(list)
    for clip in clips:
        classes[clip.label].append(clip)
    return classes
