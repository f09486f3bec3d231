import numpy as np
import pytest
import torch
from scipy import stats

from heterophony.augment import WAVEFORM_AUGMENTATIONS, PitchShift, perturbed
from heterophony.errors import ConfigError

pytest.importorskip("librosa")
RATE_HZ = 16_000


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def tone(hz: float = 440.0, samples: int = 8000) -> np.ndarray:
    left = 0.5 * np.sin(2 * np.pi * hz * np.arange(samples) / RATE_HZ)
    return np.stack([left, 0.5 * left]).astype(np.float32)


def loudest_hz(x: np.ndarray) -> float:
    """Of the middle of a sound, between the bins by a parabola through the logarithm."""
    part = x[1500:6500] * np.hanning(5000)
    power = np.log(np.abs(np.fft.rfft(part, 65536)) + 1e-9)
    return float(power.argmax() * RATE_HZ / 65536)


@pytest.mark.parametrize("semitones", [-4.0, -1.5, 2.0, 4.0])
def test_a_tone_is_moved_by_the_semitones_and_keeps_its_length(semitones):
    shifted = PitchShift().apply(tone(), semitones)
    assert shifted.shape == (2, 8000)
    assert shifted.dtype == np.float32
    for channel in shifted:
        assert loudest_hz(channel) == pytest.approx(440 * 2 ** (semitones / 12), rel=2e-3)


def test_channels_are_shifted_apart_from_each_other():
    both, right = PitchShift().apply(tone(), 3.0), PitchShift().apply(tone()[1:], 3.0)
    np.testing.assert_array_equal(both[1:], right)


def test_what_is_drawn_is_uniform():
    chance = generator()
    drawn = [PitchShift(semitones=4.0).draw(tone(), chance) for _ in range(2000)]
    assert stats.kstest(drawn, stats.uniform(-4, 8).cdf).pvalue > 1e-4


def test_the_same_seed_gives_the_same_bytes_and_the_original_stays():
    x = tone()
    one, two, other = (perturbed(x, PitchShift(), generator(seed)) for seed in (7, 7, 8))
    assert one.tobytes() == two.tobytes() != other.tobytes()
    np.testing.assert_array_equal(x, tone())


@pytest.mark.parametrize("samples", [0, 1, 100])
def test_what_is_shorter_than_a_frame_stays_as_short(samples):
    assert PitchShift().apply(tone(samples=samples), 1.0).shape == (2, samples)


@pytest.mark.parametrize("semitones", [-1.0, float("nan"), float("inf")])
def test_semitones_out_of_range_are_refused(semitones):
    with pytest.raises(ConfigError, match="semitones must be finite"):
        WAVEFORM_AUGMENTATIONS["pitch-shift"](semitones=semitones)
