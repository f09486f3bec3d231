"""Opening a recording: libsndfile first, FFmpeg second, whatever the file's name ends in."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from heterophony.errors import MediaError
from heterophony.media.ffmpeg_source import open_with_ffmpeg
from heterophony.media.libsndfile_source import open_with_libsndfile
from heterophony.media.limits import Limits
from heterophony.media.source import Source, check_file


@contextmanager
def open_source(path: Path, limits: Limits) -> Iterator[Source]:
    """Open a recording with the first decoder that finds samples in it.

    Args:
        path: Any file.
        limits: Bounds on size, rate and channels.

    Raises:
        MediaError: It is not a regular readable file, is empty or too large, neither decoder finds sound in it, or its
            rate or channels are beyond the limits.
    """
    check_file(path, limits)
    with ExitStack() as stack:
        try:
            source = stack.enter_context(open_with_libsndfile(path))
        except MediaError as first:
            try:
                source = stack.enter_context(open_with_ffmpeg(path))
            except MediaError as second:
                raise MediaError(f"{path}: cannot be decoded: {second} (libsndfile: {first})") from first
        if not 1 <= source.rate_hz <= limits.max_rate_hz:
            raise MediaError(f"{path}: a rate of {source.rate_hz} Hz; 1 to {limits.max_rate_hz} Hz can be read")
        if not 1 <= source.channels <= limits.max_channels:
            raise MediaError(f"{path}: {source.channels} channels; 1 to {limits.max_channels} can be read")
        yield source
