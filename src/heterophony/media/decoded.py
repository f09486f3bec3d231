"""Rows that were decoded once and lie on the disk, to be listened to and looked at second by second."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int16, Int64, UInt8

from heterophony.errors import InputError
from heterophony.media.wanted import Wanted
from heterophony.media.waveforms import as_float

SOUND, FRAMES = "sound.int16", "frames.uint8"


@dataclass(frozen=True, eq=False)
class Decoded:
    """Sound and pictures of rows, read from two files as they are asked for.

    It can be pickled: what travels is the index, and the files are opened where they are read.

    Attributes:
        folder: Where the files are.
        wanted: Rate and channels of the sound, and which pictures.
        sound_at: Of each row, its first sample in the file; -1 where it has no sound.
        sound_length: How many samples it has.
        frames_at: Of each row, its first second of pictures in the file; -1 where it has none.
        frames_length: How many seconds of pictures it has.
        reasons: Of each row "", or why it is refused; then it has neither.
        digest: SHA-256 of what all rows hold (not of where it came from).
    """

    folder: Path
    wanted: Wanted
    sound_at: Int64[np.ndarray, " rows"]
    sound_length: Int64[np.ndarray, " rows"]
    frames_at: Int64[np.ndarray, " rows"]
    frames_length: Int64[np.ndarray, " rows"]
    reasons: tuple[str, ...]
    digest: bytes

    def __len__(self) -> int:
        return len(self.reasons)

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the open files."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def has_sound(self) -> Bool[np.ndarray, " rows"]:
        """Which rows have sound."""
        return np.asarray(self.sound_at >= 0)

    @property
    def has_pictures(self) -> Bool[np.ndarray, " rows"]:
        """Which rows have pictures."""
        return np.asarray(self.frames_at >= 0)

    def samples(self, row: int) -> int:
        """Length of a row's sound in samples; 0 if it has none."""
        return int(self.sound_length[self._checked(row)])

    def looks(self, row: int) -> int:
        """How many seconds of pictures a row has; a still picture is one second."""
        return int(self.frames_length[self._checked(row)])

    def seconds(self, row: int) -> int:
        """Whole seconds, at least 1, of sound or of pictures, whichever has more.

        Raises:
            InputError: The row was refused.
        """
        if self.reasons[self._checked(row)]:
            raise InputError(f"row {row} was refused and has no seconds: {self.reasons[row]}")
        rate_hz = 1 if self.wanted.sound is None else self.wanted.sound.rate_hz
        return max(1, self.samples(row) // rate_hz, self.looks(row))

    def waveform(self, row: int, start: int, length: int) -> Float32[np.ndarray, "channels length"]:
        """Samples of a row, full scale ±1; zeros behind its end, and of a row without sound.

        Args:
            row: Which.
            start: Its first sample, >= 0.
            length: How many, >= 0.

        Raises:
            IndexError: There is no such row or sample.
            ValueError: No sound was wanted.
        """
        if self.wanted.sound is None:
            raise ValueError(f"{self.folder}: decoded without sound")
        if start < 0 or length < 0:
            raise IndexError(f"samples {start} to {start + length} of row {row}: both must be at least 0")
        there, at = self.samples(row), max(0, int(self.sound_at[row]))
        part = self._sound[at + min(start, there) : at + min(start + length, there)]
        wave = np.zeros((self.wanted.sound.channels, length), np.float32)
        wave[:, : len(part)] = as_float(part).T
        return wave

    def frames(self, row: int, second: int) -> UInt8[np.ndarray, "times size size 3"]:
        """What is to be seen in a second of a row, in RGB; later than its last, that one. Black if it has none.

        Args:
            row: Which.
            second: Since the beginning of the row, >= 0.

        Raises:
            IndexError: There is no such row or second.
            ValueError: No pictures were wanted.
        """
        if self.wanted.looks is None:
            raise ValueError(f"{self.folder}: decoded without pictures")
        if second < 0:
            raise IndexError(f"second {second} of row {row}: must be at least 0")
        there = self.looks(row)
        if not there:
            return np.zeros(self.wanted.looks.shape, np.uint8)
        return np.array(self._frames[int(self.frames_at[row]) + min(second, there - 1)])

    @cached_property
    def _sound(self) -> Int16[np.ndarray, "samples channels"]:
        channels = self.wanted.sound.channels if self.wanted.sound else 1
        return np.asarray(_mapped(self.folder / SOUND, np.dtype("<i2"), (channels,)))

    @cached_property
    def _frames(self) -> UInt8[np.ndarray, "seconds times size size 3"]:
        shape = self.wanted.looks.shape if self.wanted.looks else ()
        return np.asarray(_mapped(self.folder / FRAMES, np.dtype(np.uint8), shape))

    def _checked(self, row: int) -> int:
        if not 0 <= row < len(self):
            raise IndexError(f"row {row}: " + (f"rows are 0 to {len(self) - 1}" if len(self) else "there are no rows"))
        return row


def _mapped(path: Path, kind: np.dtype[Any], shape: Sequence[int]) -> Any:  # noqa: ANN401 - samples or pixels
    """A file as an array that is read as it is asked for; an empty one cannot be mapped."""
    count = path.stat().st_size // (kind.itemsize * int(np.prod(shape)))
    if not count:
        return np.zeros((0, *shape), kind)
    return np.memmap(path, kind, "r", shape=(count, *shape))
