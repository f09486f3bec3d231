"""Kaldi's mel filters against their definition number by number."""

import math

import numpy as np
import pytest

from heterophony.features import kaldi_mel_filters

SIZES = [(128, 1024, 32000, 0.0, 15000.0), (80, 512, 16000, 20.0, 8000.0), (128, 512, 16000, 20.0, 8000.0)]


def _slowly(n_mels: int, n_fft: int, rate_hz: int, low_hz: float, high_hz: float) -> np.ndarray:
    """The loop of Kaldi's MelBanks: only bins strictly inside a triangle count, and not the last bin."""
    low, high = (1127.0 * math.log(1.0 + hz / 700.0) for hz in (low_hz, high_hz))
    step = (high - low) / (n_mels + 1)
    filters = np.zeros((n_fft // 2 + 1, n_mels))
    for band in range(n_mels):
        left, centre, right = (low + (band + point) * step for point in range(3))
        for row in range(n_fft // 2):
            mel = 1127.0 * math.log(1.0 + rate_hz / n_fft * row / 700.0)
            if left < mel < right:
                filters[row, band] = (mel - left if mel <= centre else right - mel) / step
    return filters


@pytest.mark.parametrize(("n_mels", "n_fft", "rate_hz", "low_hz", "high_hz"), SIZES)
def test_filters_are_those_of_the_definition(
    n_mels: int, n_fft: int, rate_hz: int, low_hz: float, high_hz: float
) -> None:
    ours = kaldi_mel_filters(n_mels, n_fft=n_fft, rate_hz=rate_hz, low_hz=low_hz, high_hz=high_hz)
    np.testing.assert_allclose(ours, _slowly(n_mels, n_fft, rate_hz, low_hz, high_hz), atol=1e-6)


def test_the_bin_at_half_the_sampling_rate_counts_nowhere() -> None:
    assert not kaldi_mel_filters(8, n_fft=64, rate_hz=16000, low_hz=0.0, high_hz=8000.0)[-1].any()
