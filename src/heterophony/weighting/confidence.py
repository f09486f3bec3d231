"""Weights of samples from how sure the annotator was."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32

from heterophony.errors import ConfigError

Shape = Literal["linear", "shifted", "binary"]


def confidence_weights(confidence: Float[np.ndarray, " n"], shape: Shape) -> Float32[np.ndarray, " n"]:
    """Weight of each sample, 0 .. 1; NaN where the confidence is unknown.

    ::

        linear   c / 5
        shifted  (c - 1) / 4           a sample with confidence 1 has no part in the class term
        binary   1 where c >= 3, else 0.3

    As in the code of the audio-text report (audio_text.md 4.4). Nothing is renormalised: see `sample_weights`.

    Args:
        confidence: c, 1 (unsure) .. 5 (sure); NaN where unknown.
        shape: One of `CONFIDENCES`.

    Raises:
        ConfigError: A confidence out of range.
    """
    bad = ~np.isnan(confidence) & ~((confidence >= 1) & (confidence <= 5))
    if bad.any():
        row = int(bad.argmax())
        raise ConfigError(f"confidence must be from 1 to 5, or NaN where unknown; row {row} has {confidence[row]}")
    return np.where(np.isnan(confidence), np.nan, CONFIDENCES[shape](confidence)).astype(np.float32)


def linear(confidence: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """`c / 5`."""
    return confidence / 5


def shifted(confidence: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """`(c - 1) / 4`."""
    return (confidence - 1) / 4


def binary(confidence: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """1 where c >= 3, else 0.3."""
    return np.where(confidence >= 3, 1.0, 0.3)


CONFIDENCES: dict[str, Callable[[Float[np.ndarray, " n"]], Float[np.ndarray, " n"]]] = {
    "binary": binary,
    "linear": linear,
    "shifted": shifted,
}
