"""The pictures of a video at even steps of time."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.container
import numpy as np
from jaxtyping import UInt8

from heterophony.errors import MediaError
from heterophony.media.containers import open_container
from heterophony.media.limits import Limits
from heterophony.media.source import check_file

_BICUBIC = "BICUBIC"


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
        with open_container(path) as container:
            for seconds, frame in _sampled(container, fps, bounds):
                yield seconds, _to_rgb(frame, size)
                count += 1
    except MediaError as error:
        raise MediaError(f"{path}: {error}") from error
    if count == 0:
        raise MediaError(f"{path}: no picture in it can be decoded")


def _sampled(
    container: av.container.InputContainer, fps: float, limits: Limits
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Walk through the frames once; each step of time takes the last frame that is not later."""
    stream = next((s for s in container.streams.video if not s.disposition & s.disposition.attached_pic), None)
    if stream is None:
        raise MediaError("no picture in it")
    if stream.codec_context.width * stream.codec_context.height > limits.max_pixels:
        raise MediaError(f"{stream.codec_context.width} x {stream.codec_context.height} pixels are too many")
    stream.codec_context.thread_count = 1
    step, shown, start, end = 0, None, None, 0.0
    for frame, seconds, length in _timed(container, stream):
        start = seconds if start is None else start
        if seconds - start >= limits.max_seconds:  # also where a damaged timestamp leaps ahead
            break
        while shown is not None and step / fps < seconds - start:
            yield step / fps, shown
            step += 1
        shown, end = frame, min(seconds - start + length, limits.max_seconds)
    while shown is not None and (step == 0 or step / fps < end):
        yield step / fps, shown
        step += 1


def _timed(
    container: av.container.InputContainer, stream: av.VideoStream
) -> Iterator[tuple[av.VideoFrame, float, float]]:
    """Frames with their time and, where the stream has a rate, their length in seconds."""
    rate = stream.average_rate or stream.guessed_rate
    still = container.format.name.endswith("_pipe")
    length = 0.0 if still or not rate else float(1 / Fraction(rate))
    packets = container.demux(stream)
    latest = 0.0
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            decoded = packet.decode()
        except av.InvalidDataError:
            continue
        except av.FFmpegError:  # cut off here; what came before stands
            return
        for frame in decoded:
            latest = latest + length if frame.time is None else float(frame.time)
            yield frame, latest, length


def _to_rgb(frame: av.VideoFrame, size: int | None) -> UInt8[np.ndarray, "height width 3"]:
    if size is None:
        return frame.to_ndarray(format="rgb24")
    scale = size / min(frame.width, frame.height)
    width, height = max(size, round(frame.width * scale)), max(size, round(frame.height * scale))
    picture = frame.reformat(width=width, height=height, format="rgb24", interpolation=_BICUBIC).to_ndarray()
    top, left = (height - size) // 2, (width - size) // 2
    return np.ascontiguousarray(picture[top : top + size, left : left + size])
