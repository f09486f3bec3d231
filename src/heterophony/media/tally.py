"""What was read of a recording, counted as it is read, and what is to be told of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from heterophony.media.limits import Limits
from heterophony.media.mono import mix_down, repair
from heterophony.media.source import Source

# A header may round; what is missing beyond this counts as missing.
_TOLERANCE_S = 0.1


@dataclass(slots=True)
class Tally:
    """What has been read so far.

    Attributes:
        frames: Samples of the source.
        broken: Those that were no numbers.
        peak: The largest magnitude.
        cut: Whether the recording was longer than what may be read.
        cancels: The mean of the channels is zero and the channels are not.
    """

    frames: int = 0
    broken: int = 0
    peak: float = 0.0
    cut: bool = False
    cancels: bool = False


def counted(block: Float32[np.ndarray, "frames channels"], tally: Tally) -> Float32[np.ndarray, " frames"]:
    """The mean of the channels, repaired; what was found goes into the tally."""
    mono = mix_down(block)
    broken, peak = repair(mono)
    tally.frames, tally.broken = tally.frames + len(mono), tally.broken + broken
    tally.peak = max(tally.peak, peak)
    if tally.peak == 0 and not broken:
        tally.cancels = tally.cancels or bool(block.any())
    return mono


def notes(source: Source, tally: Tally, limits: Limits) -> Iterator[str]:
    """Why what was read is partial; nothing if it is whole."""
    if tally.cut:
        yield f"only the first {_span(limits.max_seconds)} read"
    elif source.promised is not None and source.promised - tally.frames > _TOLERANCE_S * source.rate_hz:
        promised, there = source.promised / source.rate_hz, tally.frames / source.rate_hz
        yield f"header promises {promised:.1f} s, {there:.1f} s decoded"
    yield from source.problems
    if tally.broken:
        yield f"{tally.broken} of {tally.frames} samples not finite, set to zero"
    if tally.peak == 0:
        yield "digital silence, because the channels cancel each other" if tally.cancels else "digital silence"


def _span(seconds: float) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds:g} s"
