"""Short sounds to listen to inside a page: the first seconds as MP3, with the outline of their loudness.

A preview is a convenience. A recording that cannot be decoded or encoded simply has none, with the reason; it never
stops the report.
"""

import base64
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, repeat
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from heterophony.errors import MediaError

Progress = Callable[[int, int], None]

RATE_HZ = 16_000
OUTLINE = 56
"""Bars of the outline."""

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_COMPRESSION = 0.9  # 24 kbit/s at this rate: 30 kB for ten seconds


@dataclass(frozen=True)
class Preview:
    """The beginning of one recording.

    Attributes:
        mp3: The encoded sound as base64; "" if there is none.
        outline: One character per bar, its peak relative to the loudest, 0..z; "" if there is none.
        missing: Why there is none; "" if there is one.
    """

    mp3: str = ""
    outline: str = ""
    missing: str = ""


BEYOND_BUDGET = Preview(missing="the page holds no more sounds")
"""What stands for a recording whose preview was left out; the page links to it."""

_NONE = Preview(missing="no recording")


def make_previews(
    sounds: Sequence[Path | None],
    budget_bytes: int,
    seconds: float = 10.0,
    workers: int = 2,
    progress: Progress | None = None,
) -> list[Preview]:
    """Previews of the first sounds that fit a budget, in order; the rest is left out for that reason.

    Args:
        sounds: Recordings; None for a row without.
        budget_bytes: Most characters of base64 in all.
        seconds: Length of each.
        workers: Threads that decode.
        progress: Called with (sounds done, sounds in all) from time to time.
    """
    previews: list[Preview] = []
    spent = 0
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for chunk in _chunks(sounds, 8 * workers):
            made = (
                [BEYOND_BUDGET] * len(chunk)
                if spent >= budget_bytes
                else list(pool.map(preview_of, chunk, repeat(seconds)))
            )
            for path, preview in zip(chunk, made, strict=True):
                spent += len(preview.mp3)
                previews.append(_NONE if path is None else preview if spent <= budget_bytes else BEYOND_BUDGET)
            if progress is not None:
                progress(len(previews), len(sounds))
    return previews


def preview_of(path: Path | None, seconds: float = 10.0) -> Preview:
    """The preview of one recording, or the reason why there is none."""
    from heterophony.media.limits import Limits
    from heterophony.media.sound import SoundStream

    if path is None:
        return _NONE
    try:
        return encode(first_samples(SoundStream(path, RATE_HZ, Limits()), round(seconds * RATE_HZ)))
    except (MediaError, OSError) as error:
        return Preview(missing=f"cannot be decoded: {error}")


def first_samples(blocks: Iterable[Float32[np.ndarray, " block"]], count: int) -> Float32[np.ndarray, " samples"]:
    """The first `count` samples of a stream, or all if it is shorter; no more blocks are drawn than needed."""
    taken: list[np.ndarray] = []
    have = 0
    for block in blocks:
        taken.append(block[: count - have])
        have += len(taken[-1])
        if have >= count:
            break
    return np.concatenate(taken) if taken else np.zeros(0, np.float32)


def encode(samples: Float32[np.ndarray, " samples"]) -> Preview:
    """Mono samples at `RATE_HZ` as a preview, turned down where they would clip."""
    import soundfile

    if not len(samples):
        return Preview(missing="no sound in it")
    peak = float(np.abs(samples).max())
    stream = io.BytesIO()
    try:
        soundfile.write(
            stream,
            samples / max(peak, 1.0),
            RATE_HZ,
            format="MP3",
            subtype="MPEG_LAYER_III",
            compression_level=_COMPRESSION,
            bitrate_mode="CONSTANT",
        )
    except (soundfile.SoundFileError, ValueError) as error:
        return Preview(missing=f"cannot be encoded: {error}")
    return Preview(mp3=base64.b64encode(stream.getvalue()).decode(), outline=outline(samples))


def outline(samples: Float32[np.ndarray, " samples"]) -> str:
    """The peak of each of `OUTLINE` equal parts relative to the loudest, as one character 0..z each."""
    edges = np.linspace(0, len(samples), OUTLINE, endpoint=False).astype(np.int64)
    peaks = np.maximum.reduceat(np.abs(samples), edges)
    loudest = float(peaks.max())
    level = (peaks / loudest) ** 0.7 if loudest > 0 else peaks
    return "".join(_ALPHABET[round(float(value) * (len(_ALPHABET) - 1))] for value in level)


def _chunks(items: Sequence[Path | None], size: int) -> Iterator[list[Path | None]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
