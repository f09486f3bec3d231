"""The pictures of a video at even steps of time."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from jaxtyping import UInt8

from heterophony.errors import MediaError
from heterophony.media.limits import Limits
from heterophony.media.source import check_file
from heterophony.media.square import to_square
from heterophony.media.video_source import Shown, open_video


def iter_frames(
    path: Path, fps: float, size: int | None = None, limits: Limits | None = None
) -> Iterator[tuple[float, UInt8[np.ndarray, "height width 3"]]]:
    """Yield what is to be seen at 0, 1/fps, 2/fps … seconds after the first picture, by the video's own timestamps.

    A still picture is one frame. Damaged packets are skipped.

    Args:
        path: A video or a still picture.
        fps: Pictures per second, above 0.
        size: Side of the square to which each picture is brought: bicubic, shorter side first, then the middle is cut
            out. None leaves pictures as they are.
        limits: `max_seconds`, `max_pixels` and `max_bytes` apply.

    Yields:
        Seconds since the first picture, and the picture in RGB.

    Raises:
        MediaError: There is no picture in the file, or it is beyond the limits.
    """
    bounds = limits or Limits()
    if not fps > 0:
        raise ValueError(f"fps must be above 0, {fps} came")
    check_file(path, bounds)
    count = 0
    try:
        with open_video(path, bounds) as pictures:
            for seconds, frame in _sampled(pictures, fps):
                yield seconds, frame.to_ndarray(format="rgb24") if size is None else to_square(frame, size, "crop")
                count += 1
    except MediaError as error:
        raise MediaError(f"{path}: {error}") from error
    if count == 0:
        raise MediaError(f"{path}: no picture of at most {bounds.max_pixels} pixels in it can be decoded")


def _sampled(pictures: Iterator[Shown], fps: float) -> Iterator[tuple[float, av.VideoFrame]]:
    """Walk through the pictures once; each step of time takes the last one that is not later."""
    step, shown, end = 0, None, 0.0
    for picture in pictures:
        while shown is not None and step / fps < picture.start:
            yield step / fps, shown
            step += 1
        shown, end = picture.frame, picture.end
    while shown is not None and (step == 0 or step / fps < end):
        yield step / fps, shown
        step += 1
