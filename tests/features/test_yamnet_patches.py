"""YAMNet's front end against a slow restatement, librosa and known signals."""

import numpy as np
import pytest

from heterophony.features import hz_to_mel, mel_filters, yamnet_log_mel


@pytest.fixture
def windows() -> np.ndarray:
    return np.random.default_rng(3).normal(0.0, 0.1, (3, 15600)).astype(np.float32)


def test_patches_are_those_of_librosa(windows: np.ndarray) -> None:
    librosa = pytest.importorskip("librosa")
    padded = np.pad(windows[0], 56)  # librosa centres the 400-sample window in the 512-sample frame
    spectrum = np.abs(
        librosa.stft(padded, n_fft=512, hop_length=160, win_length=400, window="hann", center=False, dtype=np.complex64)
    )
    filters = librosa.filters.mel(sr=16000, n_fft=512, n_mels=64, fmin=125, fmax=7500, htk=True, norm=None)
    theirs = np.log(filters @ spectrum + 0.001).T
    assert theirs.shape == (96, 64)
    np.testing.assert_allclose(yamnet_log_mel(windows)[0], theirs, atol=2e-4)


def test_patches_are_those_of_the_definition_frame_by_frame(windows: np.ndarray) -> None:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    filters = mel_filters(64, n_fft=512, rate_hz=16000, low_hz=125.0, high_hz=7500.0).astype(np.float64)
    for row, window in enumerate(windows.astype(np.float64)):
        for frame in (0, 50, 95):
            spectrum = np.abs(np.fft.rfft(window[160 * frame : 160 * frame + 400] * hann, 512))
            np.testing.assert_allclose(
                yamnet_log_mel(windows)[row, frame], np.log(spectrum @ filters + 0.001), atol=2e-4
            )


def test_silence_is_the_offset_everywhere() -> None:
    patches = yamnet_log_mel(np.zeros((1, 15600), dtype=np.float32))
    np.testing.assert_allclose(patches, np.log(0.001), rtol=1e-6)


@pytest.mark.parametrize("hz", [300.0, 1000.0, 5000.0])
def test_a_tone_peaks_in_the_band_that_holds_it(hz: float) -> None:
    tone = np.sin(2 * np.pi * hz * np.arange(15600) / 16000).astype(np.float32)
    low, high = hz_to_mel(np.array([125.0, 7500.0]))
    band = (hz_to_mel(np.array([hz]))[0] - low) / (high - low) * 65 - 1
    assert (np.abs(yamnet_log_mel(tone[None])[0].argmax(axis=1) - band) <= 1).all()


def test_a_window_has_the_same_bytes_alone_and_in_a_batch(windows: np.ndarray) -> None:
    together = yamnet_log_mel(windows)
    alone = np.concatenate([yamnet_log_mel(windows[row : row + 1]) for row in range(3)])
    assert alone.tobytes() == together.tobytes()
