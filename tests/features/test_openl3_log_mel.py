"""OpenL3's front end against librosa and known signals."""

import warnings

import numpy as np
import pytest

from heterophony.features import openl3_log_mel


@pytest.fixture
def windows() -> np.ndarray:
    return np.random.default_rng(3).normal(0.0, 0.1, (2, 48_000)).astype(np.float32)


def test_decibels_are_those_of_librosa(windows: np.ndarray) -> None:
    librosa = pytest.importorskip("librosa")
    windows[1] *= np.linspace(0.0, 1.0, 48_000) ** 4  # so that something lies 80 dB lower
    padded = np.pad(windows, [(0, 0), (982, 982)])
    power = np.abs(librosa.stft(padded, n_fft=2048, hop_length=242, window="hann", center=False)) ** 2
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Empty filters")
        filters = librosa.filters.mel(sr=48_000, n_fft=2048, n_mels=256, fmin=0, fmax=24_000, htk=True, norm="slaney")
    theirs = 10 * np.log10(np.maximum(np.sqrt(filters @ power), 1e-10))
    theirs = np.maximum(theirs - theirs.max(axis=(1, 2), keepdims=True), -80)
    ours = openl3_log_mel(windows)
    assert ours.shape == (2, 256, 199)
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_the_loudest_place_is_zero_and_loudness_does_not_matter(windows: np.ndarray) -> None:
    ours = openl3_log_mel(windows)
    assert (ours.max(axis=(1, 2)) == 0).all()
    assert ours.min() >= -80
    np.testing.assert_allclose(openl3_log_mel(0.1 * windows), ours, atol=1e-3)
    assert not openl3_log_mel(np.zeros((1, 48_000), dtype=np.float32)).any()


def test_a_click_is_heard_at_its_time() -> None:
    click = np.zeros((1, 48_000), dtype=np.float32)
    click[0, 24_000] = 1.0
    loudness = openl3_log_mel(click)[0, 128]
    heard = np.flatnonzero(loudness > -40)
    assert (heard[0] + heard[-1]) / 2 == pytest.approx((24_000 + 982 - 1024) / 242, abs=0.5)


def test_a_window_has_the_same_bytes_alone_and_beside_others(windows: np.ndarray) -> None:
    alone = np.concatenate([openl3_log_mel(windows[row : row + 1]) for row in range(2)])
    assert alone.tobytes() == openl3_log_mel(windows).tobytes()
