"""Triangular filters on the mel scale.

The scale is the one of HTK (Young et al., The HTK Book, 2006, eq. 5.13)::

    mel(f) = 2595 log10(1 + f / 700)          f in Hz

`n_mels + 2` points lie evenly on it between the lowest and the highest frequency. Filter `m` rises from 0 at point `m`
to 1 at point `m + 1` and falls to 0 at point `m + 2`, linearly in Hz. Filters are not normalised by their area.
"""

import numpy as np
from jaxtyping import Float, Float32


def hz_to_mel(hz: Float[np.ndarray, "*any"]) -> Float[np.ndarray, "*any"]:
    """HTK mel of frequencies in Hz (>= 0).

    >>> round(float(hz_to_mel(np.array([1000.0]))[0]))
    1000
    """
    return np.asarray(2595.0 * np.log10(1.0 + hz / 700.0))


def mel_to_hz(mel: Float[np.ndarray, "*any"]) -> Float[np.ndarray, "*any"]:
    """Frequencies in Hz of HTK mels: the inverse of `hz_to_mel`."""
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))


def mel_filters(
    n_mels: int, *, n_fft: int, rate_hz: int, low_hz: float, high_hz: float
) -> Float32[np.ndarray, "bins mels"]:
    """Matrix that takes a magnitude spectrum `[frames, n_fft // 2 + 1]` to mel bands by a product on the right.

    Args:
        n_mels: How many bands.
        n_fft: Length of the Fourier transform in samples.
        rate_hz: Sampling rate in Hz.
        low_hz: Where the first filter begins, 0 to `high_hz`.
        high_hz: Where the last filter ends, at most `rate_hz / 2`.
    """
    bins_hz = np.arange(n_fft // 2 + 1) * (rate_hz / n_fft)
    low, high = hz_to_mel(np.array([low_hz, high_hz]))
    points_hz = mel_to_hz(np.linspace(low, high, n_mels + 2))
    left, centre, right = points_hz[:-2], points_hz[1:-1], points_hz[2:]
    rising = (bins_hz[:, None] - left) / (centre - left)
    falling = (right - bins_hz[:, None]) / (right - centre)
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), dtype=np.float32)
