"""Reading on where a decoder stops because the header says so, although the file goes on.

Lengths in headers are often wrong: an MP3 of changing bit rate without a table of contents has none but a guess from
its first frame, files are joined end to end, WAV cannot count beyond 4 GiB.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from heterophony.errors import MediaError
from heterophony.media.ffmpeg_source import open_with_ffmpeg
from heterophony.media.limits import Limits
from heterophony.media.source import Source

# Decoders differ by a frame in what they call the end.
_TOLERANCE_S = 0.1


def read_on(path: Path, source: Source, limits: Limits) -> Iterator[Float32[np.ndarray, "frames channels"]]:
    """The blocks of a source and, if it was not the end of the file that ended them, what FFmpeg reads behind them.

    Args:
        path: The file of the source.
        source: The recording; what FFmpeg finds wrong is added to its problems.
        limits: As for `open_source`.
    """
    frames = source.skipped
    for block in source.blocks:
        frames += len(block)
        yield block
    if source.goes_on is None or source.problems or not source.goes_on(frames):
        return
    try:
        with open_with_ffmpeg(path, limits, ignore_length=True) as other:
            if (other.rate_hz, other.channels) == (source.rate_hz, source.channels):
                yield from _behind(other.blocks, frames, int(_TOLERANCE_S * source.rate_hz))
                source.problems.extend(other.problems)
    except MediaError as error:
        source.problems.append(f"the file goes on behind the end that its header states; {error}")


def _behind(
    blocks: Iterator[Float32[np.ndarray, "frames channels"]], start: int, least: int
) -> Iterator[Float32[np.ndarray, "frames channels"]]:
    """What comes after `start` frames, if it is more than `least`."""
    held: list[Float32[np.ndarray, "frames channels"]] = []
    seen = 0
    for block in blocks:
        seen += len(block)
        if seen > start:
            held.append(block[max(0, start - seen + len(block)) :])
        if seen > start + least:
            yield from held
            held.clear()
