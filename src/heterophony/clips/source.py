"""Which recording a clip was cut from, as far as its row or its name tells."""

import re
from pathlib import PurePath

from heterophony.clips.clip import Clip
from heterophony.clips.collect import MEDIA_SUFFIXES
from heterophony.clips.segments import clip_of

# ESC-50: fold-recording-take[-target]; Freesound's downloads: number__uploader__title.
_NAMES = (re.compile(r"\d-(\d+)-[A-Z](?:-\d+)?"), re.compile(r"(\d+)__.+"))


def source_of(clip: Clip) -> str:
    """The column `freesound_id` where it says something, else what the id tells (`source_in`)."""
    return clip.columns.get("freesound_id", "").strip() or source_in(clip.id)


def source_in(name: str) -> str:
    """The number of the Freesound recording in a name of ESC-50 or of a download; else the name without media suffix.

    Folders stay: `dog/1.wav` and `cat/1.wav` are two recordings. Segments of a clip are of its recording.

    >>> source_in("audio/1-100032-A-0.wav"), source_in("1-100032-B"), source_in("x/100032__nfrae__rose.wav")
    ('100032', '100032', '100032')
    >>> source_in("1-100032-A-0.wav#s3"), source_in("tram-lyon-7-12#s0")
    ('100032', 'tram-lyon-7-12')
    >>> source_in("dog/1.wav"), source_in("dog/1.ogg"), source_in("v1.2")
    ('dog/1', 'dog/1', 'v1.2')
    """
    name = clip_of(name)
    path = PurePath(name.replace("\\", "/"))
    known = path.suffix.lower() in MEDIA_SUFFIXES
    stem = path.stem if known else path.name
    for pattern in _NAMES:
        if found := pattern.fullmatch(stem):
            return found[1]
    return str(path.with_suffix("")) if known else name
