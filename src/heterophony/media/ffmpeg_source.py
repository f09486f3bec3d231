"""Decoding with FFmpeg (m4a, AAC, Opus in WebM, the sound of videos, and what libsndfile does not take)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import av
import av.audio
import av.container
import numpy as np
from jaxtyping import Float32

from heterophony.errors import AbsentError, MediaError
from heterophony.media.containers import open_container, promised_seconds
from heterophony.media.limits import Limits
from heterophony.media.source import Source

# FFmpeg's sample formats without the "p" of planar → to float with full scale ±1.
_TO_FLOAT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "u8": lambda samples: (samples.astype(np.float32) - 128) / 128,
    "s16": lambda samples: samples.astype(np.float32) / 2**15,
    "s32": lambda samples: samples.astype(np.float32) / 2**31,
    "flt": lambda samples: samples,
    "dbl": lambda samples: samples.astype(np.float32),
}


@contextmanager
def open_with_ffmpeg(path: Path, limits: Limits, *, ignore_length: bool = False) -> Iterator[Source]:
    """Open the best sound stream of a file and decode its first frame.

    Args:
        path: Any file.
        limits: For pictures that FFmpeg finds beside the sound.
        ignore_length: Whether the data of a WAV end with the file, whatever its header says.

    Raises:
        AbsentError: The file has no sound stream; of this and the other the message is the reason alone.
        MediaError: FFmpeg cannot open the file, or no sound in it can be decoded.
    """
    with open_container(path, limits, ignore_length=ignore_length) as container:
        if not container.streams.audio:
            kinds = sorted({stream.type for stream in container.streams})
            raise AbsentError(
                f"no sound in it, only {', '.join(kinds)}" if kinds else "no sound in it, nor anything else"
            )
        stream = container.streams.best("audio")
        if not isinstance(stream, av.AudioStream):
            raise MediaError("no sound stream that can be decoded")
        problems: list[str] = []
        frames = _frames(container, stream, problems)
        first = next(frames, None)
        if first is None:
            raise MediaError("; ".join(problems) or "no samples")
        rate_hz, channels = first.sample_rate, first.layout.nb_channels
        begins = first.time or 0.0
        seconds = promised_seconds(container, stream, begins)
        yield Source(
            rate_hz=rate_hz,
            channels=channels,
            promised=None if seconds is None else int(seconds * rate_hz),
            blocks=_blocks(chain([first], frames), (rate_hz, channels), problems),
            problems=problems,
            begins=begins,
        )


def _frames(
    container: av.container.InputContainer, stream: av.AudioStream, problems: list[str]
) -> Iterator[av.AudioFrame]:
    """Every frame that can be decoded; damaged packets are skipped and counted."""
    whole, damaged = 0, 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                break
            decoded = packet.decode()
        except av.InvalidDataError:
            damaged += 1
            continue
        except av.FFmpegError as error:
            problems.append(f"FFmpeg: {error.strerror}")
            break
        whole += 1
        yield from (frame for frame in decoded if isinstance(frame, av.AudioFrame) and frame.samples)
    if damaged > whole:
        raise MediaError(f"{damaged} of {damaged + whole} packets are damaged")
    if damaged:
        problems.append(f"{damaged} of {damaged + whole} packets are damaged and were skipped")


def _blocks(
    frames: Iterator[av.AudioFrame], form: tuple[int, int], problems: list[str]
) -> Iterator[Float32[np.ndarray, "frames channels"]]:
    for frame in frames:
        if (frame.sample_rate, frame.layout.nb_channels) != form:
            came = f"{frame.sample_rate} Hz and {frame.layout.nb_channels} channels"
            problems.append(f"{form[0]} Hz and {form[1]} channels become {came}; not read any further")
            return
        yield _to_float(frame)


def _to_float(frame: av.AudioFrame) -> Float32[np.ndarray, "frames channels"]:
    samples = frame.to_ndarray()
    convert = _TO_FLOAT.get(frame.format.name.removesuffix("p"))
    if convert is None:
        raise MediaError(f"samples of the kind {frame.format.name!r}; {', '.join(_TO_FLOAT)} can be read")
    floats = convert(samples)
    return floats.T if frame.format.is_planar else floats.reshape(-1, frame.layout.nb_channels)
