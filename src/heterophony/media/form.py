"""In what form a recording is wanted, and the change of one recording into several forms at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import soxr
from jaxtyping import Float32

LONGEST_BLOCK_S = 10
DECODER = "2: soundfile, then PyAV; soxr HQ"
"""What decodes and resamples, for fingerprints; counted up when other samples come out of some file."""

Block = Float32[np.ndarray, "samples *channels"]


@dataclass(frozen=True, slots=True)
class Form:
    """Rate and channels in which a recording is wanted.

    Attributes:
        rate_hz: Sampling rate in Hz, at least 1.
        channels: 1 is the mean of all channels; 2 is left and right, the first two of the recording (front left and
            front right in every usual layout), or its only one twice.
    """

    rate_hz: int
    channels: Literal[1, 2] = 1

    def __post_init__(self) -> None:
        """Refuses what no recording can have."""
        if self.rate_hz < 1 or self.channels not in (1, 2):
            raise ValueError(f"at least 1 Hz and 1 or 2 channels wanted, {self.rate_hz} Hz and {self.channels} came")


class Changer:
    """Changes the rate of one recording into all its forms; forms that are the same samples are computed once.

    Each resampler sees one kind of sound (mean, or left and right) at one rate and nothing else, so no form depends on
    which others there are.
    """

    def __init__(self, forms: Sequence[Form], rate_hz: int, source_channels: int) -> None:
        self._forms = [(form, form.channels if source_channels > 1 else 1) for form in forms]
        keys = {(form.rate_hz, kind) for form, kind in self._forms}
        self._resamplers = {key: _Resampler(rate_hz, *key) for key in sorted(keys)}
        self.takes_pairs = any(kind == 2 for _, kind in self._forms)

    def __call__(
        self, mono: Float32[np.ndarray, " frames"], pair: Float32[np.ndarray, "frames 2"] | None, *, last: bool = False
    ) -> Iterator[tuple[int, Block]]:
        """What the next samples give: (index of the form, at most 10 s of it).

        Args:
            mono: The mean of the channels.
            pair: Left and right; None unless `takes_pairs`.
            last: Whether these are the last samples; then what is still inside the resamplers comes out.
        """
        changed = {
            (rate_hz, kind): resampler(pair if kind == 2 and pair is not None else mono, last=last)
            for (rate_hz, kind), resampler in self._resamplers.items()
        }
        for index, (form, kind) in enumerate(self._forms):
            samples = changed[form.rate_hz, kind]
            longest = LONGEST_BLOCK_S * form.rate_hz
            for start in range(0, len(samples), longest):
                piece = samples[start : start + longest]
                yield index, piece if kind == form.channels else np.repeat(piece[:, None], 2, axis=1)


class _Resampler:
    """soxr as a stream, or nothing where the rates are equal."""

    def __init__(self, from_hz: int, to_hz: int, channels: int) -> None:
        self._stream = None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, channels, "float32", "HQ")

    def __call__(self, frames: Float32[np.ndarray, "frames *channels"], *, last: bool) -> Block:
        return frames if self._stream is None else self._stream.resample_chunk(frames, last=last)
