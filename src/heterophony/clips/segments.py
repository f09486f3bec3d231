"""Clips cut into segments of one length, as rows of their own, and back from a segment's id to its clip.

The DCASE 2021 challenge on audio-visual scenes scores each second of a clip by itself (audio_visual.md D.2); others
score whole clips of ten seconds. The two are different tasks: rows of segments are called `clip#s0`, `clip#s1` …, so
that no table of one can be taken for the other.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from heterophony.clips.clip import Clip
from heterophony.errors import InputError

_SEGMENT = re.compile(r"(.+)#s(\d+)", re.DOTALL)


def segments(clips: Sequence[Clip], seconds: float, count: int) -> list[Clip]:
    """Every clip as `count` segments, one after the other: segment `n` goes from `n * seconds` to `(n + 1) * seconds`.

    No file is opened: a segment behind the end of its clip's sound is refused when it is read, and what lies behind the
    last segment is not read. A segment keeps label, fold and words of its clip, and its group; where the clip has none,
    the clip is the group, so that a split by group keeps the segments of a clip together.

    Args:
        clips: What to cut. A row without a recording stays whole.
        seconds: Length of a segment, > 0.
        count: How many of each clip, >= 1.

    Raises:
        InputError: A clip is itself a segment.
    """
    cut: list[Clip] = []
    for clip in clips:
        if clip.stretch is not None or is_segment(clip.id):
            raise InputError(f"{clip.id}: is a segment already; give the clips that it was cut from")
        if clip.path is None:
            cut.append(clip)
            continue
        cut += [
            replace(
                clip,
                id=f"{clip.id}#s{number}",
                group=clip.group or clip.id,
                stretch=(number * seconds, (number + 1) * seconds),
            )
            for number in range(count)
        ]
    return cut


def is_segment(name: str) -> bool:
    """Whether an id is one that `segments` gives.

    >>> is_segment("tram-lyon-7-12#s3"), is_segment("tram-lyon-7-12"), is_segment("rain.wav#2")
    (True, False, False)
    """
    return _SEGMENT.fullmatch(name) is not None


def clip_of(name: str) -> str:
    """The id of the clip that a segment was cut from; any other id as it is.

    >>> clip_of("tram-lyon-7-12#s3"), clip_of("rain.wav")
    ('tram-lyon-7-12', 'rain.wav')
    """
    found = _SEGMENT.fullmatch(name)
    return found[1] if found else name


def units(ids: Iterable[str]) -> str:
    """What rows are, by their ids: "segments", "clips", or "segments and clips".

    >>> units(["a#s0", "a#s1"]), units(["a", "b"]), units(["a#s0", "b"])
    ('segments', 'clips', 'segments and clips')
    """
    kinds = {is_segment(name) for name in ids}
    return " and ".join(name for name, kind in (("segments", True), ("clips", False)) if kind in kinds)
