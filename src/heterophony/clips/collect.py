"""From what a user names (files, folders, manifests) to a list of clips."""

import difflib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from heterophony.clips.clip import Clip
from heterophony.clips.manifest import read_manifest
from heterophony.clips.match_words import match_words
from heterophony.errors import InputError

MANIFEST_SUFFIXES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".parquet"})
# What a folder is searched for; a file that is named itself is taken whatever it ends in.
MEDIA_SUFFIXES = frozenset(
    f".{suffix}"
    for line in (
        "wav wave bwf rf64 w64 aif aiff aifc flac ogg oga opus mp3 mp2 m4a m4b aac ac3 wma wv ape caf au snd amr voc",
        "mka mp4 m4v mov mkv webm avi mpg mpeg ogv flv wmv 3gp ts mts",
    )
    for suffix in line.split()
)


def collect(paths: Sequence[Path], words: Path | None = None) -> list[Clip]:
    """List the clips in files, folders and manifests, in the order given.

    A folder is searched with all its subfolders, in sorted order, for files with a suffix of `MEDIA_SUFFIXES`; what is
    hidden is left out. A file with a suffix of `MANIFEST_SUFFIXES` is a manifest; any other file is a clip. A recording
    that is reached twice is listed once. Ids are file names (or the manifest's ids); where two manifests use the same
    id, the later one becomes `id#2`.

    Args:
        paths: What the user named.
        words: A manifest whose words (and labels) belong to these recordings; see `match_words`.

    Raises:
        InputError: Nothing is named; a path does not exist; a folder cannot be searched or holds no recording; a
            manifest cannot be read; `words` fits no clip, or fits one in two ways.
    """
    if not paths:
        raise InputError("nothing to read: name files, folders or a manifest")
    clips: list[Clip] = []
    reached: set[str] = set()
    for path in paths:
        for clip in _clips_of(path):
            place = os.path.abspath(clip.path) if clip.path is not None else None  # noqa: PTH100 (keeps symbolic links)
            if place is None or place not in reached or path.suffix.lower() in MANIFEST_SUFFIXES:
                clips.append(clip)
            if place is not None:
                reached.add(place)
    clips = _with_own_ids(clips)
    return clips if words is None else match_words(clips, words)


def _clips_of(path: Path) -> list[Clip]:
    if path.is_dir():
        clips = [Clip(id=str(file), file_name=str(file), path=file) for file in _recordings_in(path)]
        if not clips:
            raise InputError(f"{path}: no recording in it or below; a file of unusual suffix can be named itself")
        return clips
    if not path.exists():
        raise InputError(f"{path}: does not exist{_nearest_sibling(path)}")
    if path.suffix.lower() in MANIFEST_SUFFIXES:
        return read_manifest(path)
    return [Clip(id=str(path), file_name=str(path), path=path)]


def _recordings_in(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_refuse_folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in MEDIA_SUFFIXES:
                yield Path(parent) / name


def _refuse_folder(error: OSError) -> None:
    raise InputError(f"{error.filename}: cannot be searched ({error.strerror}); give read permission or leave it out")


def _nearest_sibling(path: Path) -> str:
    """Name what the user may have meant: the nearest name in the folder, or the part of the path that is missing."""
    parent = path.parent
    while not parent.is_dir():
        path, parent = parent, parent.parent
    try:
        siblings = {sibling.name.lower(): sibling.name for sibling in parent.iterdir()}
    except OSError:  # a folder that may be entered but not listed: nothing to suggest
        return ""
    close = difflib.get_close_matches(path.name.lower(), siblings, n=1)
    return (
        f"; did you mean {str(parent / siblings[close[0]])!r}?"
        if close
        else f"; there is no {path.name!r} in {str(parent)!r}"
    )


def _with_own_ids(clips: list[Clip]) -> list[Clip]:
    taken = {clip.id for clip in clips}
    used: set[str] = set()
    named: list[Clip] = []
    for clip in clips:
        own, count = clip.id, 1
        while own in used or (count > 1 and own in taken):
            count += 1
            own = f"{clip.id}#{count}"
        used.add(own)
        named.append(clip if own == clip.id else replace(clip, id=own))
    return named
