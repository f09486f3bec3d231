"""What an encoder is, and the passport of the vectors that it makes."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Everything that decides the bytes of an embedding. Vectors with different fingerprints are never mixed.

    Attributes:
        encoder: Name in `ENCODERS`.
        version: Counted up by hand when our own code around the weights changes what comes out.
        modality: "sound", "words" or "pictures".
        weights_sha256: Of the file of weights as published.
        precision: Of the arithmetic, "float32" or "int8".
        stored_as: What the store keeps, "float32" or "float16".
        rate_hz: Sampling rate in Hz (sound), frames per second (pictures), 0 for words.
        mixing: How channels become one.
        decoder: What decodes and resamples.
        window: Samples per window (sound), tokens at most (words), pixels per side (pictures).
        hop: Samples between the starts of windows; 0 where there are none.
        padding: What happens at the end and to what is shorter than a window.
        pooling: How the vectors of the windows become one; empty for the encoder itself.
        max_seconds: What was read of a recording at most; 0 where nothing limits it.
    """

    encoder: str
    version: str
    modality: str
    weights_sha256: str
    precision: str = "float32"
    stored_as: str = "float32"
    rate_hz: float = 0.0
    mixing: str = ""
    decoder: str = ""
    window: int = 0
    hop: int = 0
    padding: str = ""
    pooling: str = ""
    max_seconds: float = 0.0

    @property
    def digest(self) -> str:
        """16 hex digits that stand for all of it."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def differences(self, other: "Fingerprint") -> list[str]:
        """Why two vectors may differ, field by field, e.g. `pooling: 'mean' here, 'mean+max' there`."""
        mine, theirs = asdict(self), asdict(other)
        return [f"{key}: {mine[key]!r} here, {theirs[key]!r} there" for key in mine if mine[key] != theirs[key]]


@runtime_checkable
class SoundEncoder(Protocol):
    """Turns windows of a recording into vectors, each window by itself."""

    @property
    def name(self) -> str:
        """Name in `ENCODERS`."""

    @property
    def modality(self) -> Literal["sound"]:
        """What it listens to."""

    @property
    def rate_hz(self) -> int:
        """Sampling rate it wants, in Hz."""

    @property
    def channels(self) -> Literal[1, 2]:
        """1: the mean of all channels; 2: left and right."""

    @property
    def window(self) -> int:
        """Samples per window."""

    @property
    def hop(self) -> int:
        """Samples between the starts of two windows."""

    @property
    def shortest(self) -> int:
        """A recording shorter than a window is one window of its own length, with zeros up to this one."""

    @property
    def batch(self) -> int:
        """Windows per call that suit it best."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def fingerprint(self) -> Fingerprint:
        """The passport of its vectors."""

    @property
    def pooling(self) -> str:
        """What is done with the vectors of all windows where nothing else is asked for; see `POOLINGS`."""

    def encode(self, windows: Float32[np.ndarray, "n *channels samples"]) -> Float32[np.ndarray, "n dim"]:
        """One vector per window; samples in -1..1; `[n, samples]` for one channel, `[n, 2, samples]` for two."""


@runtime_checkable
class WordsEncoder(Protocol):
    """Turns texts into vectors, each text by itself."""

    @property
    def name(self) -> str:
        """Name in `ENCODERS`."""

    @property
    def modality(self) -> Literal["words"]:
        """What it reads."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def fingerprint(self) -> Fingerprint:
        """The passport of its vectors."""

    def encode(self, texts: Sequence[str]) -> Float32[np.ndarray, "n dim"]:
        """One vector per text."""


@runtime_checkable
class PictureEncoder(Protocol):
    """Turns frames into vectors, each frame by itself."""

    @property
    def name(self) -> str:
        """Name in `ENCODERS`."""

    @property
    def modality(self) -> Literal["pictures"]:
        """What it looks at."""

    @property
    def times(self) -> tuple[float, ...]:
        """When it looks, in seconds within each second, e.g. `(0.0,)`; the frames of one second give one vector."""

    @property
    def size(self) -> int:
        """Pixels per side of the frames that it wants."""

    @property
    def fit(self) -> Literal["crop", "stretch"]:
        """How frames become square: the middle is cut out, or the sides are scaled each by itself."""

    @property
    def batch(self) -> int:
        """Frames per call that suit it best."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def fingerprint(self) -> Fingerprint:
        """The passport of its vectors."""

    @property
    def pooling(self) -> str:
        """What is done with the vectors of all seconds where nothing else is asked for; see `POOLINGS`."""

    def encode(self, frames: UInt8[np.ndarray, "n times height width 3"]) -> Float32[np.ndarray, "n dim"]:
        """One vector per second, from its frames at `times`; red green blue, 0..255."""


Encoder = SoundEncoder | WordsEncoder | PictureEncoder
