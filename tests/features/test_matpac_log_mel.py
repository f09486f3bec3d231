"""MATPAC's front end against librosa and known signals."""

import numpy as np
import pytest

from heterophony.features import hz_to_slaney_mel, matpac_log_mel


@pytest.fixture
def windows() -> np.ndarray:
    return np.random.default_rng(3).normal(0.0, 0.1, (2, 8000)).astype(np.float32)


def test_bands_are_those_of_librosa(windows: np.ndarray) -> None:
    librosa = pytest.importorskip("librosa")
    for row, window in enumerate(windows):
        theirs = librosa.feature.melspectrogram(
            y=window.astype(np.float64),
            sr=16000,
            n_fft=400,
            hop_length=160,
            center=False,
            n_mels=80,
            fmin=50,
            fmax=8000,
        )
        wanted = (np.log(theirs.T + np.finfo(np.float32).eps) + 7.056) / 4.193
        assert wanted.shape == (48, 80)
        np.testing.assert_allclose(matpac_log_mel(windows)[row], wanted, atol=2e-4)


def test_silence_is_the_offset_everywhere() -> None:
    silence = matpac_log_mel(np.zeros((1, 1000), dtype=np.float32))
    np.testing.assert_allclose(silence, (np.log(2.0**-23) + 7.056) / 4.193, rtol=1e-6)


@pytest.mark.parametrize("hz", [300.0, 1000.0, 5000.0])
def test_a_tone_peaks_in_the_band_that_holds_it(hz: float) -> None:
    tone = np.sin(2 * np.pi * hz * np.arange(4000) / 16000).astype(np.float32)
    low, high = hz_to_slaney_mel(np.array([50.0, 8000.0]))
    band = (hz_to_slaney_mel(np.array([hz]))[0] - low) / (high - low) * 81 - 1
    assert (np.abs(matpac_log_mel(tone[None])[0].argmax(axis=1) - band) <= 1).all()


@pytest.mark.parametrize(("samples", "frames"), [(400, 1), (559, 1), (560, 2), (16_000, 98), (97_520, 608)])
def test_only_whole_frames_count(samples: int, frames: int) -> None:
    assert matpac_log_mel(np.zeros((1, samples), dtype=np.float32)).shape == (1, frames, 80)
