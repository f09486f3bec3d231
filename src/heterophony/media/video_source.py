"""Decoding the pictures of a video, or a still picture, with FFmpeg."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container

from heterophony.errors import MediaError
from heterophony.media.containers import open_container
from heterophony.media.limits import Limits


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture and when it is shown, in seconds since the first picture.

    Attributes:
        frame: The picture, as it was decoded.
        start: From when.
        end: Until when, by the rate of the video; `start` where the video has none (a still picture).
    """

    frame: av.VideoFrame
    start: float
    end: float


@contextmanager
def open_video(path: Path, limits: Limits) -> Iterator[Iterator[Shown]]:
    """Open the first video stream of a file, and decode its pictures as they are asked for.

    Damaged packets are skipped. The cover inside a sound file is no video. Pictures are as they were coded: a rotation
    or mirroring that the file asks the player for (its display matrix) is not done.

    Args:
        path: Any file.
        limits: `max_seconds` and `max_pixels` apply: to what the header says before anything is decoded, and by the
            decoder to each picture, as a stream may change its size.

    Raises:
        MediaError: FFmpeg cannot open the file, or it has no video stream; the message is the reason alone. While
            pictures are asked for: they are beyond the limits; the message names the file.
    """
    with open_container(path, limits) as container:
        stream = next((s for s in container.streams.video if not s.disposition & s.disposition.attached_pic), None)
        if stream is None:
            raise MediaError("no picture in it")
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"max_pixels": str(limits.max_pixels)}
        yield _shown(path, container, stream, limits)


def has_picture(path: Path, limits: Limits) -> bool:
    """Whether at least one picture of a file can be decoded."""
    try:
        with open_video(path, limits) as pictures:
            return next(pictures, None) is not None
    except MediaError:  # whatever it is, it shows nothing
        return False


def _shown(
    path: Path, container: av.container.InputContainer, stream: av.VideoStream, limits: Limits
) -> Iterator[Shown]:
    """Pictures with times from the first one on."""
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > limits.max_pixels:
        raise MediaError(f"{path}: {width} x {height} pixels are too many; at most {limits.max_pixels} are read")
    first = None
    for frame, seconds, length in _timed(container, stream):
        first = seconds if first is None else first
        start = seconds - first
        if start >= limits.max_seconds:  # also where a damaged timestamp leaps ahead
            return
        yield Shown(frame, start, min(start + length, limits.max_seconds))


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
        except (av.InvalidDataError, av.ArgumentError):  # damaged, or suddenly larger than the limit
            continue
        except av.FFmpegError:  # cut off here; what came before stands
            return
        for frame in decoded:
            latest = latest + length if frame.time is None else float(frame.time)
            yield frame, latest, length
