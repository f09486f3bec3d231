"""Triangular filters that are linear in mel, as Kaldi makes them.

Source: Povey et al., The Kaldi Speech Recognition Toolkit, ASRU 2011, feat/mel-computations. The scale is::

    mel(f) = 1127 ln(1 + f / 700)             f in Hz

`n_mels + 2` points lie evenly on it between the lowest and the highest frequency. Filter `m` rises from 0 at point `m`
to 1 at point `m + 1` and falls to 0 at point `m + 2`, linearly in mel (those of `mel_filters`: in Hz), and the bin at
half the sampling rate counts in no filter. Filters are not normalised by their area; no warping of the vocal tract.
"""

import numpy as np
from jaxtyping import Float32


def kaldi_mel_filters(
    n_mels: int, *, n_fft: int, rate_hz: int, low_hz: float, high_hz: float
) -> Float32[np.ndarray, "bins mels"]:
    """Matrix that takes a power spectrum `[frames, n_fft // 2 + 1]` to mel bands by a product on the right.

    Args:
        n_mels: How many bands.
        n_fft: Length of the Fourier transform in samples, even.
        rate_hz: Sampling rate in Hz.
        low_hz: Where the first filter begins, 0 to `high_hz`.
        high_hz: Where the last filter ends, at most `rate_hz / 2`.
    """
    bins = _mel(np.arange(n_fft // 2 + 1) * (rate_hz / n_fft))
    points = np.linspace(_mel(low_hz), _mel(high_hz), n_mels + 2)
    left, centre, right = points[:-2], points[1:-1], points[2:]
    rising = (bins[:, None] - left) / (centre - left)
    falling = (right - bins[:, None]) / (right - centre)
    filters = np.maximum(0.0, np.minimum(rising, falling))
    filters[-1] = 0.0
    return np.asarray(filters, dtype=np.float32)


def _mel(hz: np.ndarray | float) -> np.ndarray:
    return np.asarray(1127.0 * np.log1p(np.asarray(hz) / 700.0))
