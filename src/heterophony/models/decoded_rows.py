"""Decoded recordings and pictures, as the encoder of one modality is given them: second by second, or all of a row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int, UInt8

from heterophony.encoders import Cutter, loudness
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torch_sound import TorchSound
from heterophony.media import Decoded

Windows = Float32[np.ndarray, "n channels samples"] | UInt8[np.ndarray, "n times height width 3"]
Window = Float32[np.ndarray, "channels samples"] | UInt8[np.ndarray, "times height width 3"]


@runtime_checkable
class Rows(Protocol):
    """One modality of decoded rows."""

    @property
    def dim(self) -> int:
        """Numbers of a vector."""

    def seconds(self, row: int) -> int:
        """Whole seconds of the row, >= 1, the same for all modalities."""

    def at(self, row: int, second: int) -> Window:
        """What begins with a second."""

    def whole(self, row: int) -> Iterator[Windows]:
        """All of a row, in groups of windows."""

    def prepare(self, windows: Windows) -> Float32[np.ndarray, "n ..."]:
        """The input of the network."""

    def loudness(self, windows: Windows) -> Int[np.ndarray, " n"]:
        """What `Pooling` takes beside the vectors."""


@dataclass(frozen=True, slots=True, eq=False)
class SoundRows:
    """Waveforms, for a sound encoder.

    Attributes:
        decoded: The rows.
        encoder: Says how long a window is.
        hop: Samples between two windows of `whole`.
        shortest: A recording shorter than a window is followed by zeros up to so many samples in `whole`.
    """

    decoded: Decoded
    encoder: TorchSound
    hop: int
    shortest: int

    @property
    def dim(self) -> int:
        """Numbers of a vector."""
        return self.encoder.dim

    def seconds(self, row: int) -> int:
        """Whole seconds of the row."""
        return self.decoded.seconds(row)

    def at(self, row: int, second: int) -> Float32[np.ndarray, "channels samples"]:
        """A window from that second on; moved back where it would pass the end, zeros after what is shorter."""
        start = min(second * self.encoder.rate_hz, max(0, self.decoded.samples(row) - self.encoder.window))
        return self.decoded.waveform(row, start, self.encoder.window)

    def whole(self, row: int) -> Iterator[Float32[np.ndarray, "n *channels samples"]]:
        """The windows that a recording is embedded from; see `encoders.Cutter`."""
        sound = self.decoded.waveform(row, 0, self.decoded.samples(row))
        cutter = Cutter(self.encoder.window, self.hop, self.encoder.batch, self.shortest)
        yield from cutter.push(sound.T if self.encoder.channels > 1 else sound[0])
        yield from cutter.rest()

    def prepare(self, windows: Float32[np.ndarray, "n *channels samples"]) -> Float32[np.ndarray, "n ..."]:
        """Features, of one channel from `[n, 1, samples]` too."""
        one = self.encoder.channels == 1 and windows.ndim == 3
        return self.encoder.prepare(windows[:, 0] if one else windows)

    def loudness(self, windows: Float32[np.ndarray, "n *channels samples"]) -> Int[np.ndarray, " n"]:
        """Of each window."""
        return loudness(windows)


@dataclass(frozen=True, slots=True, eq=False)
class PictureRows:
    """Frames, for a picture encoder.

    Attributes:
        decoded: The rows.
        encoder: Says when it looks.
    """

    decoded: Decoded
    encoder: TorchPictures

    @property
    def dim(self) -> int:
        """Numbers of a vector."""
        return self.encoder.dim

    def seconds(self, row: int) -> int:
        """Whole seconds of the row."""
        return self.decoded.seconds(row)

    def at(self, row: int, second: int) -> UInt8[np.ndarray, "times height width 3"]:
        """The frames of that second, of the last one where it is later."""
        return self.decoded.frames(row, second)

    def whole(self, row: int) -> Iterator[UInt8[np.ndarray, "n times height width 3"]]:
        """The frames of every second that has some."""
        for second in range(self.decoded.looks(row)):
            yield self.decoded.frames(row, second)[None]

    def prepare(self, windows: UInt8[np.ndarray, "n times height width 3"]) -> Float32[np.ndarray, "n ..."]:
        """Pixels."""
        return self.encoder.prepare(windows)

    def loudness(self, windows: UInt8[np.ndarray, "n times height width 3"]) -> Int[np.ndarray, " n"]:
        """Every second counts."""
        return np.zeros(len(windows), dtype=np.int64)
