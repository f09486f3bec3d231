import numpy as np
import pytest
import torch
from scipy import stats

from heterophony.augment import WAVEFORM_AUGMENTATIONS, AdditiveNoise, perturbed
from heterophony.errors import ConfigError


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def half_silent() -> np.ndarray:
    x = np.full((2, 4000), 0.25, dtype=np.float32)
    x[:, 2000:] = 0
    return x


def test_it_has_the_law_of_the_normal_where_there_is_sound_and_silence_stays():
    noisy = perturbed(half_silent(), AdditiveNoise(sigma=0.01), generator())
    added = (noisy - half_silent()).astype(np.float64)
    assert stats.kstest(added[:, :2000].ravel(), stats.norm(0, 0.01).cdf).pvalue > 1e-4
    assert abs(np.corrcoef(added[0, :2000], added[1, :2000])[0, 1]) < 0.1
    assert np.all(noisy[:, 2000:] == 0)
    assert noisy.dtype == np.float32


def test_what_was_drawn_can_be_applied_again():
    x, part = half_silent(), AdditiveNoise()
    drawn = part.draw(x, generator())
    np.testing.assert_array_equal(part.apply(x, drawn), x + drawn)
    np.testing.assert_array_equal(x, half_silent())


def test_the_same_seed_gives_the_same_bytes():
    one, two, other = (perturbed(half_silent(), AdditiveNoise(), generator(seed)) for seed in (7, 7, 8))
    assert one.tobytes() == two.tobytes() != other.tobytes()
    np.testing.assert_array_equal(perturbed(half_silent(), AdditiveNoise(sigma=0.0), generator()), half_silent())


@pytest.mark.parametrize("sigma", [-0.1, float("nan"), float("inf")])
def test_a_sigma_out_of_range_is_refused(sigma):
    with pytest.raises(ConfigError, match="sigma must be finite"):
        WAVEFORM_AUGMENTATIONS["additive-noise"](sigma=sigma)
