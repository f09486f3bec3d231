"""ConvNeXt's front end against librosa and known signals."""

import numpy as np
import pytest

from heterophony.features import convnext_log_mel


@pytest.fixture
def windows() -> np.ndarray:
    return np.random.default_rng(3).normal(0.0, 0.1, (2, 40_007)).astype(np.float32)


def test_decibels_are_those_of_librosa(windows: np.ndarray) -> None:
    librosa = pytest.importorskip("librosa")
    power = np.abs(librosa.stft(windows, n_fft=1024, hop_length=320, window="hann", pad_mode="reflect")) ** 2
    filters = librosa.filters.mel(sr=32_000, n_fft=1024, n_mels=224, fmin=50, fmax=14_000)
    theirs = librosa.power_to_db(filters @ power, ref=1.0, amin=1e-10, top_db=None)
    ours = convnext_log_mel(windows)
    assert ours.shape == (2, 126, 224)
    np.testing.assert_allclose(ours, theirs.transpose(0, 2, 1), atol=2e-3)


@pytest.mark.parametrize(("samples", "frames"), [(320_000, 1001), (32_000, 101), (960_000, 3001)])
def test_silence_is_a_hundred_decibels_below_one(samples: int, frames: int) -> None:
    silence = convnext_log_mel(np.zeros((1, samples), dtype=np.float32))
    assert silence.shape == (1, frames, 224)
    np.testing.assert_allclose(silence, -100.0, rtol=1e-5)


def test_twice_the_amplitude_is_six_decibels_more(windows: np.ndarray) -> None:
    once, twice = convnext_log_mel(windows), convnext_log_mel(2 * windows)
    heard = once > -99
    np.testing.assert_allclose((twice - once)[heard], 20 * np.log10(2), atol=1e-3)


def test_a_window_has_the_same_bytes_alone_and_beside_others(windows: np.ndarray) -> None:
    together = convnext_log_mel(windows)
    alone = np.concatenate([convnext_log_mel(windows[row : row + 1]) for row in range(2)])
    assert alone.tobytes() == together.tobytes()
