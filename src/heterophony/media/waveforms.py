"""Recordings that are decoded once and kept in memory, for training on their waveforms."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int16

from heterophony.errors import InputError
from heterophony.media.form import Form
from heterophony.media.limits import Limits
from heterophony.media.sound_streams import SoundStreams
from heterophony.media.stretch import Stretch

FULL_SCALE = 32768
GIB = 2**30


@dataclass(frozen=True, slots=True, eq=False)
class Waveforms:
    """One channel of each recording, 16 bits a sample: exact for files of 16 bits at this rate, else 98 dB above noise.

    Attributes:
        rate_hz: Of all of them.
        samples: One array per recording.
    """

    rate_hz: int
    samples: tuple[Int16[np.ndarray, " _"], ...]

    def __len__(self) -> int:
        return len(self.samples)

    def whole(self, row: int) -> Float32[np.ndarray, " samples"]:
        """All of a recording, full scale ±1."""
        return as_float(self.samples[row])

    def crop(self, row: int, share: float, length: int) -> Float32[np.ndarray, " length"]:
        """`length` samples of a recording; what is shorter is followed by zeros.

        Args:
            row: Which recording.
            share: Where it starts, 0 (at the beginning) to below 1 (every start is equally likely for a uniform draw).
            length: Samples, >= 1.
        """
        samples = self.samples[row]
        start = int(share * max(1, len(samples) - length + 1))
        part = as_float(samples[start : start + length])
        return np.pad(part, (0, length - len(part)))


def read_waveforms(
    paths: Sequence[Path],
    rate_hz: int,
    limits: Limits | None = None,
    most_bytes: int = 4 * GIB,
    stretches: Sequence[Stretch | None] | None = None,
) -> Waveforms:
    """Decodes, mixes down and resamples every recording.

    Args:
        paths: The recordings.
        rate_hz: Sampling rate wanted, in Hz.
        limits: Of each file.
        most_bytes: What all of them may take in memory.
        stretches: What of each recording; None: everything.

    Raises:
        InputError: They take more; says after how many.
        MediaError: A recording cannot be decoded.
    """
    kept: list[Int16[np.ndarray, " _"]] = []
    size = 0
    for path, stretch in zip(paths, stretches or [None] * len(paths), strict=True):
        streams = SoundStreams(path, [Form(rate_hz, 1)], limits, stretch)
        blocks = [as_int16(block) for _, block in streams]
        kept.append(np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.int16))
        size += kept[-1].nbytes
        if size > most_bytes:
            raise InputError(
                f"{len(kept)} of {len(paths)} recordings already take more than {most_bytes / GIB:.2f} GiB in memory "
                f"at {rate_hz} Hz and 16 bits; allow more, or train on fewer or shorter ones"
            )
    return Waveforms(rate_hz, tuple(kept))


def as_int16(block: Float32[np.ndarray, "n *channels"]) -> Int16[np.ndarray, "n *channels"]:
    """Samples of full scale ±1 in 16 bits: rounded to the nearest, what is louder than full scale cut."""
    return np.asarray(np.clip(np.rint(block * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1), dtype=np.int16)


def as_float(samples: Int16[np.ndarray, "n *channels"]) -> Float32[np.ndarray, "n *channels"]:
    """Samples of 16 bits with full scale ±1."""
    return np.asarray(samples / np.float32(FULL_SCALE), dtype=np.float32)
