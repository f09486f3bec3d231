"""What the parts that change waveforms share."""

from typing import Any

import numpy as np
from jaxtyping import Float32

from heterophony.extras import import_extra

Waveform = Float32[np.ndarray, "channels samples"]
FRAME = 2048
"""Samples of a frame of the phase vocoder."""


def fitted(x: Float32[np.ndarray, "channels before"], length: int) -> Float32[np.ndarray, "channels length"]:
    """The first `length` samples, of a waveform repeated as often as it takes; zeros if it has none.

    >>> fitted(np.array([[1, 2, 3]], dtype=np.float32), 5).tolist()
    [[1.0, 2.0, 3.0, 1.0, 2.0]]
    """
    if x.shape[1] == 0:
        return np.zeros((len(x), length), dtype=np.float32)
    return np.tile(x, (1, -(-length // x.shape[1])))[:, :length]


def padded(x: Waveform) -> Float32[np.ndarray, "channels longer"]:
    """With zeros after it, where it is shorter than a frame."""
    return np.pad(x, ((0, 0), (0, max(0, FRAME - x.shape[1]))))


def librosa_effects() -> Any:  # noqa: ANN401 - a module
    """The module `librosa.effects`.

    Raises:
        MissingExtraError: librosa is not installed.
    """
    return import_extra("librosa.effects", "augment")
