"""Decoding the pictures of a video, or a still picture, with FFmpeg."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container

from heterophony.errors import MediaError
from heterophony.media.containers import open_container, promised_seconds
from heterophony.media.limits import Limits
from heterophony.media.near import near

# The length of the last picture may be left out, or rounded
_TOLERANCE_S = 0.5


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


@dataclass(frozen=True, slots=True)
class Video:
    """Decoded pictures.

    Attributes:
        pictures: In the order in which they are shown.
        problems: What was skipped, or why decoding ended early; complete once `pictures` is exhausted.
    """

    pictures: Iterator[Shown]
    problems: list[str]


@contextmanager
def open_video(path: Path, limits: Limits, start: float = 0.0, threads: int = 1) -> Iterator[Video]:
    """Open the first video stream of a file, and decode its pictures as they are asked for.

    Damaged packets are skipped. The cover inside a sound file is no video. Pictures are as they were coded: a rotation
    or mirroring that the file asks the player for (its display matrix) is not done.

    Args:
        path: Any file.
        limits: `max_seconds` and `max_pixels` apply: to what the header says before anything is decoded, and by the
            decoder to each picture, as a stream may change its size.
        start: In seconds since the first picture: of those that are shown before only the last is needed. Where the
            file allows it (see `near`), decoding begins at a key frame before that.
        threads: Of the decoder; an undamaged stream gives the same pictures with any number.

    Raises:
        MediaError: FFmpeg cannot open the file, or it has no video stream; the message is the reason alone. While
            pictures are asked for: they are beyond the limits; the message names the file.
    """
    problems: list[str] = []
    with ExitStack() as stack:
        container, stream = stack.enter_context(_opened(path, limits, threads))
        origin = near(container, stream, start) if start > 0 else None
        if start > 0 and origin is None:
            container, stream = stack.enter_context(_opened(path, limits, threads))
        yield Video(_shown(path, container, stream, limits, problems, origin), problems)


@contextmanager
def _opened(path: Path, limits: Limits, threads: int) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    """The container and its first video stream."""
    with open_container(path, limits) as container:
        stream = next((s for s in container.streams.video if not s.disposition & s.disposition.attached_pic), None)
        if stream is None:
            raise MediaError("no picture in it")
        stream.codec_context.thread_count = threads
        if threads > 1:
            stream.thread_type = "FRAME"
        stream.codec_context.options = {"max_pixels": str(limits.max_pixels)}
        yield container, stream


def has_picture(path: Path, limits: Limits) -> bool:
    """Whether at least one picture of a file can be decoded."""
    try:
        with open_video(path, limits) as video:
            return next(video.pictures, None) is not None
    except MediaError:  # whatever it is, it shows nothing
        return False


def _shown(
    path: Path,
    container: av.container.InputContainer,
    stream: av.VideoStream,
    limits: Limits,
    problems: list[str],
    origin: float | None,
) -> Iterator[Shown]:
    """Pictures with times since the first one, which is at `origin`; None: it comes first."""
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > limits.max_pixels:
        raise MediaError(f"{path}: {width} x {height} pixels are too many; at most {limits.max_pixels} are read")
    first, end = origin, 0.0
    for frame, seconds, length in _timed(container, stream, problems):
        first = seconds if first is None else first
        start = seconds - first
        if start >= limits.max_seconds:  # also where a damaged timestamp leaps ahead
            problems.append(f"only the first {limits.max_seconds:g} s of pictures looked at")
            return
        end = max(end, min(start + length, limits.max_seconds))
        yield Shown(frame, start, min(start + length, limits.max_seconds))
    promised = None if first is None else promised_seconds(container, stream, first)
    if promised is not None and promised - end > _TOLERANCE_S:
        problems.append(f"header promises {promised:.1f} s of pictures, {end:.1f} s decoded")


def _timed(
    container: av.container.InputContainer, stream: av.VideoStream, problems: list[str]
) -> Iterator[tuple[av.VideoFrame, float, float]]:
    """Frames with their time and, where the stream has a rate, their length in seconds."""
    rate = stream.average_rate or stream.guessed_rate
    still = container.format.name.endswith("_pipe")
    length = 0.0 if still or not rate else float(1 / Fraction(rate))
    latest = 0.0
    for decoded in _decoded(container, stream, problems):
        for frame in decoded:
            latest = latest + length if frame.time is None else float(frame.time)
            yield frame, latest, length


def _decoded(
    container: av.container.InputContainer, stream: av.VideoStream, problems: list[str]
) -> Iterator[list[av.VideoFrame]]:
    """What each packet gives; damaged ones are skipped and counted."""
    whole, damaged = 0, 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                break
            decoded = packet.decode()
        except (av.InvalidDataError, av.ArgumentError):  # damaged, or suddenly larger than the limit
            damaged += 1
            continue
        except av.FFmpegError as error:  # cut off here; what came before stands
            problems.append(f"pictures: FFmpeg: {error.strerror}")
            break
        whole += packet.size > 0  # the last one is empty: it asks for what the decoder holds back
        yield [frame for frame in decoded if isinstance(frame, av.VideoFrame)]
    if damaged:
        problems.append(f"{damaged} of {damaged + whole} packets of pictures are damaged and were skipped")
