"""EfficientAT's front end against the transform of torch and known signals."""

import numpy as np
import pytest
import torch

from heterophony.features import efficientat_log_mel, kaldi_mel_filters


@pytest.fixture
def windows() -> np.ndarray:
    return np.random.default_rng(3).normal(0.0, 0.1, (2, 40_007)).astype(np.float32)


def test_spectrograms_are_those_of_the_definition_by_torch(windows: np.ndarray) -> None:
    x = torch.from_numpy(windows)
    spectrum = torch.stft(
        x[:, 1:] - 0.97 * x[:, :-1],
        n_fft=1024,
        hop_length=320,
        win_length=800,
        window=torch.hann_window(800, periodic=False),
        center=True,
        pad_mode="reflect",
        return_complex=True,
    )
    filters = torch.from_numpy(kaldi_mel_filters(128, n_fft=1024, rate_hz=32_000, low_hz=0.0, high_hz=15_000.0))
    theirs = ((filters.T @ spectrum.abs() ** 2 + 1e-5).log() + 4.5) / 5.0
    ours = efficientat_log_mel(windows)
    assert ours.shape == (2, 128, 126)
    np.testing.assert_allclose(ours, theirs, atol=2e-4)


@pytest.mark.parametrize(("samples", "frames"), [(320_000, 1000), (320_001, 1001), (32_000, 100), (402, 2)])
def test_ten_seconds_are_a_thousand_frames(samples: int, frames: int) -> None:
    silence = efficientat_log_mel(np.zeros((1, samples), dtype=np.float32))
    assert silence.shape == (1, 128, frames)
    np.testing.assert_allclose(silence, (np.log(1e-5) + 4.5) / 5.0, rtol=1e-5)


@pytest.mark.parametrize("hz", [400.0, 3000.0, 12_000.0])
def test_a_tone_peaks_in_the_band_that_holds_it(hz: float) -> None:
    tone = np.sin(2 * np.pi * hz * np.arange(32_000) / 32_000).astype(np.float32)
    band = 129 * np.log(1 + hz / 700) / np.log(1 + 15_000 / 700) - 1
    assert (np.abs(efficientat_log_mel(tone[None])[0, :, 2:-2].argmax(axis=0) - band) <= 1).all()


def test_a_window_has_the_same_bytes_alone_and_beside_others(windows: np.ndarray) -> None:
    together = efficientat_log_mel(windows)
    alone = np.concatenate([efficientat_log_mel(windows[row : row + 1]) for row in range(2)])
    assert alone.tobytes() == together.tobytes()
