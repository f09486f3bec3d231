"""Weights of classes from their counts: rare classes count more."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float32, Float64, Int

from heterophony.errors import ConfigError

ClassMethod = Literal["inverse_sqrt", "inverse", "effective_number"]


def class_weights(
    count: Int[np.ndarray, " classes"], method: ClassMethod, beta: float = 0.999
) -> Float32[np.ndarray, " classes"]:
    """Weight of each class, mean over the classes 1.

    ::

        inverse_sqrt      w_c = 1 / sqrt(n_c)
        inverse           w_c = 1 / n_c
        effective_number  w_c = (1 - beta) / (1 - beta^n_c)       (Cui et al., 2019, arXiv:1901.05555, equation 2)

    each then divided by its mean, as in the code of the audio-text report (audio_text.md 4.3; its factors before that
    cancel). The mean over the samples is then below 1. A class without rows gets 1 and has no part in the mean.

    Args:
        count: Rows of each class in the training table, extra data too; >= 0.
        method: One of `WEIGHTINGS`.
        beta: For "effective_number", 0 <= beta < 1: 0 weighs all alike, near 1 is "inverse".

    Raises:
        ConfigError: Negative counts, no rows at all, or `beta` out of range.
    """
    if not 0 <= beta < 1:
        raise ConfigError(f"beta must be >= 0 and < 1, is {beta}")
    if count.min(initial=0) < 0:
        raise ConfigError(f"counts of classes must be >= 0, class {int(count.argmin())} has {int(count.min())}")
    has_rows = count > 0
    if not has_rows.any():
        raise ConfigError("class weights need rows: every class has 0")
    weight = np.ones(len(count))
    raw = WEIGHTINGS[method](count[has_rows].astype(np.float64), beta)
    weight[has_rows] = raw / raw.mean()
    return weight.astype(np.float32)


def inverse_sqrt(count: Float64[np.ndarray, " classes"], _beta: float) -> Float64[np.ndarray, " classes"]:
    """`1 / sqrt(n)`."""
    weight: Float64[np.ndarray, " classes"] = np.power(count, -0.5)
    return weight


def inverse(count: Float64[np.ndarray, " classes"], _beta: float) -> Float64[np.ndarray, " classes"]:
    """`1 / n`."""
    weight: Float64[np.ndarray, " classes"] = np.power(count, -1.0)
    return weight


def effective_number(count: Float64[np.ndarray, " classes"], beta: float) -> Float64[np.ndarray, " classes"]:
    """`(1 - beta) / (1 - beta^n)`: one over the effective number of samples."""
    weight: Float64[np.ndarray, " classes"] = np.divide(1 - beta, 1 - np.power(beta, count))
    return weight


WEIGHTINGS: dict[str, Callable[[Float64[np.ndarray, " classes"], float], Float64[np.ndarray, " classes"]]] = {
    "effective_number": effective_number,
    "inverse": inverse,
    "inverse_sqrt": inverse_sqrt,
}
