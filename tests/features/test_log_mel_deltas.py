"""Log-mel spectrograms with differences, against librosa and by hand (audio_visual.md F.1, 12 and 13)."""

import librosa
import numpy as np
import pytest

from heterophony.features import deltas, log_mel_deltas


def noise(n=1, samples=48_000, seed=0):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (n, 2, samples)).astype(np.float32)


def of_librosa(window):
    """The published steps, with librosa's spectrogram; `[6, 128, frames]`."""
    mel = np.stack(
        [
            librosa.feature.melspectrogram(
                y=channel,
                sr=48_000,
                n_fft=2048,
                hop_length=1024,
                n_mels=128,
                fmin=0.0,
                fmax=24_000.0,
                htk=True,
                norm=None,
                pad_mode="reflect",
            )
            for channel in window.astype(float)
        ]
    )
    logs = np.log(mel + 1e-8)
    scaled = (logs - logs.min()) / (logs.max() - logs.min())
    first = librosa.feature.delta(scaled, width=5, order=1, mode="nearest")
    second = librosa.feature.delta(first[..., 2:-2], width=5, order=1, mode="nearest")
    return np.concatenate([scaled[..., 4:-4], first[..., 4:-4], second[..., 2:-2]])


@pytest.mark.parametrize("samples", [48_000, 30_001, 8192])
def test_the_six_are_those_of_librosa(samples):
    windows = noise(2, samples)
    windows[1] *= np.linspace(0, 1, samples, dtype=np.float32)
    for ours, window in zip(log_mel_deltas(windows), windows, strict=True):
        np.testing.assert_allclose(ours, of_librosa(window), atol=2e-6)


@pytest.mark.parametrize(("samples", "frames"), [(48_000, 39), (480_000, 461), (8192, 1), (9215, 1), (9216, 2)])
def test_one_second_is_39_frames_and_ten_are_461(samples, frames):
    found = log_mel_deltas(noise(1, samples))
    assert (found.shape, found.dtype) == ((1, 6, 128, frames), np.float32)


def test_each_window_is_scaled_by_itself_over_both_channels():
    windows = noise(3)
    windows[1] *= 1e-3
    windows[2, 1] = 0
    together = log_mel_deltas(windows)
    assert all(np.array_equal(together[i], log_mel_deltas(windows[i : i + 1])[0]) for i in range(3))
    scaled = together[:, :2]
    assert scaled.min() >= 0
    assert scaled.max() <= 1
    assert not together[2, 1].any()  # the silent channel is the quietest
    assert together[2, 0].min() > 0.5


@pytest.mark.parametrize("level", [0.0, 0.5])
def test_silence_and_a_constant_are_finite(level):
    found = log_mel_deltas(np.full((1, 2, 48_000), level, np.float32))
    assert np.isfinite(found).all()
    assert level or not found.any()


def test_the_slope_of_a_ramp_is_its_slope_and_that_of_a_square_is_twice_the_time():
    time = np.arange(30, dtype=np.float32)
    np.testing.assert_allclose(deltas(-0.25 * time), -0.25, rtol=1e-6)
    np.testing.assert_allclose(deltas(time**2), 2 * time[2:-2], rtol=1e-6)
    np.testing.assert_allclose(deltas(deltas(time**2)), 2, rtol=1e-5)


def test_differences_are_librosas_inside_and_second_ones_are_not_its_second_order():
    x = np.random.default_rng(0).uniform(0, 1, (4, 50)).astype(np.float32)
    np.testing.assert_allclose(deltas(x), librosa.feature.delta(x, width=5, order=1)[:, 2:-2], atol=1e-7)
    parabola = librosa.feature.delta(x, width=5, order=2)[:, 4:-4]
    assert np.abs(deltas(deltas(x)) - parabola).max() > 0.05


def test_a_tone_stands_in_its_band_of_its_channel():
    windows = np.zeros((1, 2, 48_000), np.float32)
    windows[0, 1] = 0.3 * np.sin(2 * np.pi * 3000 * np.arange(48_000) / 48_000)
    found = log_mel_deltas(windows)[0]
    points = librosa.mel_frequencies(130, fmin=0.0, fmax=24_000.0, htk=True)
    assert int(found[1].mean(axis=1).argmax()) == int(np.abs(points[1:-1] - 3000).argmin())
    assert np.abs(found[3]).max() < 1e-3  # nothing changes
