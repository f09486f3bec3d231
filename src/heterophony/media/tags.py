"""The words inside a file: ID3, Vorbis comments, RIFF INFO, MP4 and Matroska tags."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from heterophony.errors import MediaError
from heterophony.media.containers import PROBE_BYTES_OF_TAGS, open_container
from heterophony.media.limits import Limits
from heterophony.media.source import check_file

# Names after FFmpeg has mapped TIT2, INAM, ©nam … onto its own; the artist says nothing of the sound.
_TITLE = ("title",)
_TAGS = ("genre", "keywords", "keyword", "tags")
_DESCRIPTION = ("description", "comment", "synopsis")
_LONGEST = 10_000
# What programs write into comments about themselves.
_NOT_WORDS = re.compile(r"processed by sox|\W*|(?:[0-9a-f]{8}\s*)+|vendor_id.*", re.IGNORECASE)
_LATIN = "cp1252"


@dataclass(frozen=True, slots=True)
class Words:
    """The words around a recording; None where it has none of that kind. Tags are separated by commas."""

    title: str | None = None
    tags: str | None = None
    description: str | None = None


def read_tags(path: Path) -> Words:
    """Read the words that a file carries, without decoding it.

    A file that FFmpeg cannot open has no words; whether it is a recording is for `SoundStream` to say.

    Args:
        path: A recording.

    Returns:
        Title; genre and keywords as tags; description and comment as description.
    """
    try:
        check_file(path, Limits())
        with open_container(path, Limits(), probe_bytes=PROBE_BYTES_OF_TAGS) as container:
            metadata = _lower([container.metadata, *(stream.metadata for stream in container.streams.audio)])
    except MediaError:  # judged when it is decoded
        return Words()
    return Words(_first(metadata, _TITLE, most=1), _first(metadata, _TAGS), _first(metadata, _DESCRIPTION))


def _lower(tables: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """One table with names in lower case; the container goes before its streams."""
    merged: dict[str, str] = {}
    for table in tables:
        for name, value in table.items():
            merged.setdefault(name.lower(), _clean(value))
    return merged


def _first(metadata: Mapping[str, str], names: Iterable[str], *, most: int | None = None) -> str | None:
    found = [metadata[name] for name in names if metadata.get(name)]
    return ", ".join(list(dict.fromkeys(found))[:most]) or None


def _twice_encoded(text: str) -> str:
    """Undo UTF-8 that a program wrote into an ID3 tag as if it were Latin-1: "frÃ¼h" is "früh"."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _clean(value: str) -> str:
    """Text as UTF-8 where it is that, else as Windows-1252; one line; "" for what are no words."""
    content = value.encode("utf-8", "surrogateescape")
    try:
        text = _twice_encoded(content.decode("utf-8"))
    except UnicodeDecodeError:
        text = content.decode(_LATIN, "replace")
    text = " ".join(text.replace("\0", " ").split())[:_LONGEST]
    return "" if _NOT_WORDS.fullmatch(text) else text
