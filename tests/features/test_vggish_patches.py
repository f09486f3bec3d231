"""VGGish's front end against its published steps, number by number, and known signals."""

import numpy as np
import pytest

from heterophony.features import vggish_log_mel, yamnet_log_mel


@pytest.fixture
def windows() -> np.ndarray:
    return np.random.default_rng(3).normal(0.0, 0.1, (3, 15600)).astype(np.float32)


def test_patches_are_those_of_the_definition(windows: np.ndarray) -> None:
    """Triangles linear in `1127 ln(1 + f / 700)`; the constant part of a frame counts nowhere."""
    bins_mel = 1127.0 * np.log(1.0 + np.linspace(0.0, 8000.0, 257) / 700.0)
    edges = np.linspace(1127.0 * np.log(1.0 + 125.0 / 700.0), 1127.0 * np.log(1.0 + 7500.0 / 700.0), 66)
    filters = np.zeros((257, 64))
    for band in range(64):
        rising = (bins_mel - edges[band]) / (edges[band + 1] - edges[band])
        falling = (edges[band + 2] - bins_mel) / (edges[band + 2] - edges[band + 1])
        filters[:, band] = np.maximum(0.0, np.minimum(rising, falling))
    filters[0] = 0.0
    hann = 0.5 - 0.5 * np.cos(2 * np.pi / 400 * np.arange(400))
    for row, window in enumerate(windows.astype(np.float64)):
        frames = np.stack([window[160 * frame : 160 * frame + 400] * hann for frame in range(96)])
        expected = np.log(np.abs(np.fft.rfft(frames, 512)) @ filters + 0.01)
        np.testing.assert_allclose(vggish_log_mel(windows)[row], expected, atol=1e-4)


def test_silence_is_the_offset_everywhere() -> None:
    patches = vggish_log_mel(np.zeros((1, 15600), dtype=np.float32))
    assert patches.shape == (1, 96, 64)
    np.testing.assert_allclose(patches, np.log(0.01), rtol=1e-6)


def test_the_front_end_of_yamnet_is_nearly_the_same(windows: np.ndarray) -> None:
    mel = np.exp(vggish_log_mel(windows)) - 0.01
    np.testing.assert_allclose(mel, np.exp(yamnet_log_mel(windows)) - 0.001, rtol=0.02, atol=0.02)
    assert not np.array_equal(mel, np.exp(yamnet_log_mel(windows)) - 0.001)
