"""The mel filters against their definition and against librosa."""

import numpy as np
import pytest

from heterophony.features import hz_to_mel, mel_filters, mel_to_hz


def test_a_thousand_hertz_is_a_thousand_mel() -> None:
    assert hz_to_mel(np.array([0.0, 1000.0])) == pytest.approx([0.0, 1000.0], abs=0.02)


def test_mel_to_hz_undoes_hz_to_mel() -> None:
    hz = np.array([0.0, 125.0, 440.0, 7500.0, 20000.0])
    assert mel_to_hz(hz_to_mel(hz)) == pytest.approx(hz)


@pytest.mark.parametrize(
    ("n_mels", "n_fft", "rate_hz", "high_hz"), [(64, 512, 16000, 7500.0), (40, 1024, 44100, 22050.0)]
)
def test_filters_are_those_of_librosa(n_mels: int, n_fft: int, rate_hz: int, high_hz: float) -> None:
    librosa = pytest.importorskip("librosa")
    theirs = librosa.filters.mel(sr=rate_hz, n_fft=n_fft, n_mels=n_mels, fmin=125.0, fmax=high_hz, htk=True, norm=None)
    ours = mel_filters(n_mels, n_fft=n_fft, rate_hz=rate_hz, low_hz=125.0, high_hz=high_hz)
    np.testing.assert_allclose(ours, theirs.T, atol=1e-6)


def test_neighbouring_filters_share_each_bin_fully_between_the_first_and_the_last_centre() -> None:
    filters = mel_filters(10, n_fft=4096, rate_hz=16000, low_hz=100.0, high_hz=8000.0)
    edges = mel_to_hz(np.linspace(*hz_to_mel(np.array([100.0, 8000.0])), 12))
    bins_hz = np.arange(2049) * 16000 / 4096
    inside = (bins_hz >= edges[1]) & (bins_hz <= edges[-2])
    np.testing.assert_allclose(filters[inside].sum(axis=1), 1.0, atol=1e-5)
    assert not filters[(bins_hz < 100.0)].any()
