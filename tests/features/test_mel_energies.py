"""Mel bands of frames against a loop over single frames."""

from typing import Literal

import numpy as np
import pytest

from heterophony.features import mel_energies, mel_filters


@pytest.mark.parametrize("of", ["power", "magnitude"])
@pytest.mark.parametrize("length", [40, 55, 56, 16 * 127 + 40, 16 * 128 + 40, 16 * 300 + 45])
def test_bands_are_those_of_single_frames(of: Literal["power", "magnitude"], length: int) -> None:
    samples = np.random.default_rng(1).normal(0.0, 0.1, (2, length)).astype(np.float32)
    taper = np.hanning(40).astype(np.float32)
    filters = mel_filters(6, n_fft=64, rate_hz=16000, low_hz=0.0, high_hz=8000.0)
    bands = mel_energies(samples, taper=taper, hop=16, n_fft=64, filters=filters, of=of)
    assert bands.shape == (2, 1 + (length - 40) // 16, 6)
    for row in range(2):
        for frame in range(bands.shape[1]):
            spectrum = np.abs(np.fft.rfft(samples[row, 16 * frame : 16 * frame + 40] * taper, 64))
            expected = (spectrum**2 if of == "power" else spectrum) @ filters
            np.testing.assert_allclose(bands[row, frame], expected, rtol=1e-4, atol=1e-6)


def test_a_recording_has_the_same_bytes_alone_and_beside_others() -> None:
    samples = np.random.default_rng(2).normal(0.0, 0.1, (3, 16000)).astype(np.float32)
    filters = mel_filters(64, n_fft=512, rate_hz=16000, low_hz=0.0, high_hz=8000.0)

    def bands(some: np.ndarray) -> np.ndarray:
        taper = np.hanning(400).astype(np.float32)
        return mel_energies(some, taper=taper, hop=160, n_fft=512, filters=filters, of="power")

    alone = np.concatenate([bands(samples[row : row + 1]) for row in range(3)])
    assert alone.tobytes() == bands(samples).tobytes()
