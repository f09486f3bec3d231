"""When sound and pictures of one file begin: they are decoded each by itself, and belong together by this."""

from dataclasses import dataclass
from pathlib import Path

import av

from heterophony.errors import AbsentError, MediaError
from heterophony.media.containers import ENDS, open_container
from heterophony.media.limits import Limits
from heterophony.media.opening import open_source
from heterophony.media.video_source import open_video


@dataclass(frozen=True, slots=True)
class Clock:
    """When the streams of a file begin, in seconds since the earlier of them; None of a stream that is not there.

    Attributes:
        sound: When the first sample is heard.
        pictures: When the first picture is shown.
        stated: How long the file is, by its header; None where it says nothing. It may be wrong.
    """

    sound: float | None
    pictures: float | None
    stated: float | None


def read_clock(path: Path, limits: Limits | None = None) -> Clock:
    """Decodes the first samples and the first picture of a file.

    Args:
        path: A recording or a video.
        limits: Of the file.

    Raises:
        MediaError: Neither sound nor pictures can be decoded, or the sound is there and damaged.
    """
    limits = limits or Limits()
    sound = pictures = None
    try:
        with open_source(path, limits) as source:
            sound = source.begins
    except AbsentError:  # it has pictures then
        pass
    try:
        with open_video(path, limits) as video:
            first = next(video.pictures, None)
            pictures = None if first is None else first.frame.time or 0.0
    except MediaError:
        if sound is None:
            raise
    earliest = min(time for time in (sound, pictures) if time is not None)
    return Clock(
        None if sound is None else sound - earliest,
        None if pictures is None else pictures - earliest,
        _stated(path, limits, earliest),
    )


def _stated(path: Path, limits: Limits, begins: float) -> float | None:
    try:
        with open_container(path, limits) as container:
            if container.duration is None:
                return None
            return container.duration / av.time_base - (begins if container.format.name in ENDS else 0.0)
    except MediaError:  # only libsndfile reads it
        return None
