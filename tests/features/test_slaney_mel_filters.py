"""Slaney's mel filters against their definition and against librosa."""

import numpy as np
import pytest

from heterophony.features import hz_to_slaney_mel, slaney_mel_filters, slaney_mel_to_hz


def test_the_scale_is_linear_up_to_a_thousand_hertz_and_logarithmic_above() -> None:
    assert hz_to_slaney_mel(np.array([0.0, 100.0, 500.0])).tolist() == [0.0, 1.5, 7.5]
    above = hz_to_slaney_mel(1000.0 * 6.4 ** np.array([0.0, 1 / 27, 1.0]))
    assert above == pytest.approx([15.0, 16.0, 42.0])


def test_mel_to_hz_undoes_hz_to_mel() -> None:
    hz = np.array([0.0, 440.0, 999.9, 1000.0, 1000.1, 20000.0])
    assert slaney_mel_to_hz(hz_to_slaney_mel(hz)) == pytest.approx(hz)


@pytest.mark.parametrize(
    ("n_mels", "n_fft", "rate_hz", "low_hz", "high_hz"),
    [(80, 400, 16000, 0.0, 8000.0), (64, 1024, 48000, 50.0, 14000.0), (256, 2048, 48000, 0.0, 24000.0)],
)
def test_filters_are_those_of_librosa(n_mels: int, n_fft: int, rate_hz: int, low_hz: float, high_hz: float) -> None:
    librosa = pytest.importorskip("librosa")
    theirs = librosa.filters.mel(sr=rate_hz, n_fft=n_fft, n_mels=n_mels, fmin=low_hz, fmax=high_hz)
    ours = slaney_mel_filters(n_mels, n_fft=n_fft, rate_hz=rate_hz, low_hz=low_hz, high_hz=high_hz)
    np.testing.assert_allclose(ours, theirs.T, rtol=1e-6, atol=1e-9)


def test_every_filter_has_area_one() -> None:
    filters = slaney_mel_filters(40, n_fft=65536, rate_hz=16000, low_hz=50.0, high_hz=7000.0)
    np.testing.assert_allclose(filters.sum(axis=0) * 16000 / 65536, 1.0, rtol=1e-3)
