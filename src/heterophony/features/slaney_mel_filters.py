"""Triangular filters of equal area on Slaney's mel scale, the default of librosa.

Source: Slaney, "Auditory Toolbox", Interval Research Corporation, technical report 1998-010. The scale is linear up to
1000 Hz and logarithmic above, where 27 steps are a factor of 6.4::

    mel(f) = 3 f / 200                              f < 1000 Hz
    mel(f) = 15 + 27 ln(f / 1000) / ln(6.4)         f >= 1000 Hz

`n_mels + 2` points lie evenly on it between the lowest and the highest frequency. Filter `m` is a triangle, linear in
Hz, over the points `m`, `m + 1`, `m + 2`; its height is `2 / (width in Hz)`, so that its area is 1.
"""

import numpy as np
from jaxtyping import Float, Float32

KNEE_HZ = 1000.0
KNEE_MEL = 15.0
STEPS = 27.0 / np.log(6.4)  # mels per natural logarithm of the frequency, above the knee


def hz_to_slaney_mel(hz: Float[np.ndarray, "*any"]) -> Float[np.ndarray, "*any"]:
    """Slaney's mel of frequencies in Hz (>= 0).

    >>> hz_to_slaney_mel(np.array([200.0, 1000.0, 6400.0])).round(6).tolist()
    [3.0, 15.0, 42.0]
    """
    above = KNEE_MEL + STEPS * np.log(np.maximum(hz, KNEE_HZ) / KNEE_HZ)
    return np.asarray(np.where(hz < KNEE_HZ, hz * (KNEE_MEL / KNEE_HZ), above))


def slaney_mel_to_hz(mel: Float[np.ndarray, "*any"]) -> Float[np.ndarray, "*any"]:
    """Frequencies in Hz of Slaney's mels: the inverse of `hz_to_slaney_mel`."""
    above = KNEE_HZ * np.exp((np.maximum(mel, KNEE_MEL) - KNEE_MEL) / STEPS)
    return np.asarray(np.where(mel < KNEE_MEL, mel * (KNEE_HZ / KNEE_MEL), above))


def slaney_mel_filters(
    n_mels: int, *, n_fft: int, rate_hz: int, low_hz: float, high_hz: float
) -> Float32[np.ndarray, "bins mels"]:
    """Matrix that takes a spectrum `[frames, n_fft // 2 + 1]` to mel bands by a product on the right.

    Args:
        n_mels: How many bands.
        n_fft: Length of the Fourier transform in samples.
        rate_hz: Sampling rate in Hz.
        low_hz: Where the first filter begins, 0 to `high_hz`.
        high_hz: Where the last filter ends, at most `rate_hz / 2`.
    """
    bins_hz = np.arange(n_fft // 2 + 1) * (rate_hz / n_fft)
    low, high = hz_to_slaney_mel(np.array([low_hz, high_hz]))
    points_hz = slaney_mel_to_hz(np.linspace(low, high, n_mels + 2))
    left, centre, right = points_hz[:-2], points_hz[1:-1], points_hz[2:]
    rising = (bins_hz[:, None] - left) / (centre - left)
    falling = (right - bins_hz[:, None]) / (right - centre)
    height = 2.0 / (right - left)
    return np.asarray(height * np.maximum(0.0, np.minimum(rising, falling)), dtype=np.float32)
