"""A recording as a stream of mono blocks at the rate that an encoder wants, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from jaxtyping import Float32

from heterophony.errors import MediaError
from heterophony.media.limits import Limits
from heterophony.media.mono import mix_down, repair
from heterophony.media.opening import open_source
from heterophony.media.source import Source

LONGEST_BLOCK_S = 10
# A header may round; what is missing beyond this counts as missing.
_TOLERANCE_S = 0.1
RESAMPLER = "soxr HQ"


@dataclass(slots=True)
class _Tally:
    """What has been read so far, in samples of the source."""

    frames: int = 0
    broken: int = 0
    peak: float = 0.0
    cut: bool = False


class SoundStream:
    """Decodes one recording: iterate for blocks, then ask what was wrong with it.

    Decoding is by soundfile or, where that cannot, PyAV; channels are averaged; the rate is changed by soxr's streaming
    resampler (quality HQ), whose output does not depend on how the input was cut into blocks. Durations that headers
    state are never used for anything but the note.

    Each iteration reads the file anew.

    Attributes:
        path: The recording.
        rate_hz: Rate of the blocks.
        limits: See `Limits`.
        note: After the iteration: "" if all went well, else why the result is partial.
        seconds: After the iteration: how much was decoded.
    """

    def __init__(self, path: Path, rate_hz: int, limits: Limits | None = None) -> None:
        self.path = path
        self.rate_hz = rate_hz
        self.limits = limits or Limits()
        self.note = ""
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Float32[np.ndarray, " samples"]]:
        """Yield float32 mono blocks of at most 10 s, full scale ±1.

        Raises:
            MediaError: The recording is refused: nothing can be decoded, it is shorter than `Limits.min_seconds`, or no
                sample of it is a number. The last is known only at the end, so discard what came before.
        """
        self.note, self.seconds = "", 0.0
        tally = _Tally()
        longest = LONGEST_BLOCK_S * self.rate_hz
        with open_source(self.path, self.limits) as source:
            shortest = self.limits.min_seconds * source.rate_hz
            resample = _Resampler(source.rate_hz, self.rate_hz)
            held: list[Float32[np.ndarray, " frames"]] = []
            for mono in self._mono(source, tally):
                held.append(mono)
                if tally.frames >= shortest:  # before that it may still turn out too short
                    for part in held:
                        yield from _pieces(resample(part), longest)
                    held.clear()
            self._judge(source, tally)
            yield from _pieces(resample.rest(), longest)

    def _mono(self, source: Source, tally: _Tally) -> Iterator[Float32[np.ndarray, " frames"]]:
        most = int(self.limits.max_seconds * source.rate_hz)
        try:
            for block in source.blocks:
                tally.cut = tally.frames + len(block) > most
                mono = mix_down(block[: most - tally.frames])
                if len(mono):
                    broken, peak = repair(mono)
                    tally.frames, tally.broken = tally.frames + len(mono), tally.broken + broken
                    tally.peak = max(tally.peak, peak)
                    yield mono
                if tally.cut:
                    return
        except MediaError as error:
            raise MediaError(f"{self.path}: cannot be decoded: {error}") from error

    def _judge(self, source: Source, tally: _Tally) -> None:
        self.seconds = tally.frames / source.rate_hz
        if tally.frames < self.limits.min_seconds * source.rate_hz:
            what = f"{tally.frames} samples ({self.seconds:.3g} s)"
            raise MediaError(f"{self.path}: {what} is too short; at least {self.limits.min_seconds} s are needed")
        if tally.broken == tally.frames:
            raise MediaError(f"{self.path}: none of its {tally.frames} samples is a finite number")
        self.note = "; ".join(_notes(source, tally, self.limits))


def _notes(source: Source, tally: _Tally, limits: Limits) -> Iterator[str]:
    if tally.cut:
        yield f"only the first {_span(limits.max_seconds)} read"
    elif source.promised is not None and source.promised - tally.frames > _TOLERANCE_S * source.rate_hz:
        promised, there = source.promised / source.rate_hz, tally.frames / source.rate_hz
        yield f"header promises {promised:.1f} s, {there:.1f} s decoded"
    yield from source.problems
    if tally.broken:
        yield f"{tally.broken} of {tally.frames} samples not finite, set to zero"
    if tally.peak == 0:
        yield "digital silence"


class _Resampler:
    """soxr as a stream, or nothing where the rates are equal."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1, "float32", "HQ")

    def __call__(self, mono: Float32[np.ndarray, " frames"]) -> Float32[np.ndarray, " samples"]:
        return mono if self._stream is None else self._stream.resample_chunk(mono)

    def rest(self) -> Float32[np.ndarray, " samples"]:
        """What is still inside, at the end."""
        nothing = np.zeros(0, np.float32)
        return nothing if self._stream is None else self._stream.resample_chunk(nothing, last=True)


def _pieces(samples: Float32[np.ndarray, " samples"], longest: int) -> Iterator[Float32[np.ndarray, " piece"]]:
    for start in range(0, len(samples), longest):
        yield samples[start : start + longest]


def _span(seconds: float) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds:g} s"
