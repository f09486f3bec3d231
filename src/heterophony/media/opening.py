"""Opening a recording: libsndfile first, FFmpeg second, whatever the file's name ends in."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from heterophony.errors import AbsentError, MediaError
from heterophony.media.ffmpeg_source import open_with_ffmpeg
from heterophony.media.libsndfile_source import open_with_libsndfile
from heterophony.media.limits import Limits
from heterophony.media.read_on import read_on
from heterophony.media.source import Source, check_file
from heterophony.media.video_source import has_picture

_MALFORMED = "malformed"


@contextmanager
def open_source(path: Path, limits: Limits, start: float = 0.0) -> Iterator[Source]:
    """Open a recording with the first decoder that finds samples in it.

    Args:
        path: Any file.
        limits: Bounds on size, rate and channels.
        start: In seconds; where its samples stay the same, decoding begins there (see `Source.skipped`).

    Raises:
        AbsentError: It has no sound, and a picture that can be decoded.
        MediaError: It is not a regular readable file, is empty or too large, neither decoder finds sound in it, or its
            rate or channels are beyond the limits.
    """
    check_file(path, limits)
    with ExitStack() as stack:
        try:
            source = stack.enter_context(open_with_libsndfile(path, start))
        except MediaError as first:
            try:
                source = stack.enter_context(open_with_ffmpeg(path, limits))
                if _MALFORMED in str(first):
                    source.problems.append(f"libsndfile: {first}")
            except MediaError as second:
                raise _neither(path, first, second, limits) from first
        if not 1 <= source.rate_hz <= limits.max_rate_hz:
            raise MediaError(f"{path}: a rate of {source.rate_hz} Hz; 1 to {limits.max_rate_hz} Hz can be read")
        if not 1 <= source.channels <= limits.max_channels:
            raise MediaError(f"{path}: {source.channels} channels; 1 to {limits.max_channels} can be read")
        yield replace(source, blocks=read_on(path, source, limits))


def _neither(path: Path, first: MediaError, second: MediaError, limits: Limits) -> MediaError:
    """Why there is no sound: it is a video or a picture without, or it is damaged or nothing of the kind."""
    if isinstance(second, AbsentError) and has_picture(path, limits):
        return AbsentError(f"{path}: {second}")
    return MediaError(f"{path}: cannot be decoded: {second} (libsndfile: {first})")
