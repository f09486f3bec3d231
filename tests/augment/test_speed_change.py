import numpy as np
import pytest
import torch
from scipy import stats

from heterophony.augment import WAVEFORM_AUGMENTATIONS, SpeedChange, perturbed
from heterophony.errors import ConfigError

librosa = pytest.importorskip("librosa")
RATE_HZ = 16_000


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def tone(hz: float = 440.0, samples: int = 8000) -> np.ndarray:
    left = 0.5 * np.sin(2 * np.pi * hz * np.arange(samples) / RATE_HZ)
    return np.stack([left, 0.5 * left]).astype(np.float32)


def loudest_hz(x: np.ndarray) -> float:
    part = x[:3000] * np.hanning(3000)
    return float(np.abs(np.fft.rfft(part, 65536)).argmax() * RATE_HZ / 65536)


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 2.0])
@pytest.mark.parametrize("pitch", ["kept", "moved"])
def test_the_pitch_stays_or_moves_with_the_speed_and_the_length_stays(pitch, speed):
    changed = SpeedChange(pitch=pitch).apply(tone(), speed)
    assert changed.shape == (2, 8000)
    assert changed.dtype == np.float32
    hz = 440 * speed if pitch == "moved" else 440
    for channel in changed:
        assert loudest_hz(channel) == pytest.approx(hz, rel=5e-3)


def middle(x: np.ndarray) -> float:
    """Of the energy, in samples."""
    return float((x.astype(np.float64) ** 2 @ np.arange(len(x))) / (x.astype(np.float64) ** 2).sum())


@pytest.mark.parametrize("pitch", ["kept", "moved"])
def test_a_burst_comes_sooner_or_later_and_what_is_left_is_the_beginning_again(pitch):
    x = np.zeros((1, 16_000), dtype=np.float32)
    x[0, 4000:6000] = np.random.default_rng(0).normal(0, 0.1, 2000)
    faster, slower = (SpeedChange(pitch=pitch).apply(x, speed)[0] for speed in (2.0, 0.5))
    assert middle(faster[:8000]) == pytest.approx(2500, abs=300)
    np.testing.assert_array_equal(faster[8000:], faster[:8000])
    assert middle(slower) == pytest.approx(10_000, abs=300)


def test_with_its_pitch_it_is_what_librosa_makes_of_it():
    expected = librosa.effects.time_stretch(tone(), rate=0.8)[:, :8000]
    np.testing.assert_array_equal(SpeedChange().apply(tone(), 0.8), expected)


def test_what_is_drawn_is_uniform():
    chance = generator()
    drawn = [SpeedChange().draw(tone(), chance) for _ in range(2000)]
    assert stats.kstest(drawn, stats.uniform(0.5, 1.5).cdf).pvalue > 1e-4


@pytest.mark.parametrize("pitch", ["kept", "moved"])
def test_the_same_seed_gives_the_same_bytes_and_the_original_stays(pitch):
    x = tone()
    one, two, other = (perturbed(x, SpeedChange(pitch=pitch), generator(seed)) for seed in (7, 7, 8))
    assert one.tobytes() == two.tobytes() != other.tobytes()
    np.testing.assert_array_equal(x, tone())


@pytest.mark.parametrize("samples", [0, 1, 100])
@pytest.mark.parametrize("pitch", ["kept", "moved"])
def test_what_is_very_short_stays_as_short(pitch, samples):
    assert SpeedChange(pitch=pitch).apply(tone(samples=samples), 1.7).shape == (2, samples)


def test_speeds_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="speed: wanted 0 < low <= high"):
        WAVEFORM_AUGMENTATIONS["speed-change"](low=2.0, high=1.0)
