from functools import partial

import numpy as np
import pytest
import torch
from scipy import stats

from heterophony.augment import WAVEFORM_AUGMENTATIONS, SameClassMix, perturbed
from heterophony.augment.same_class_mix import SameClassMixParams
from heterophony.errors import ConfigError


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def recording(number: int, samples: int = 50, channels: int = 2) -> np.ndarray:
    return np.random.default_rng(number).normal(0, 0.1, (channels, samples)).astype(np.float32)


def mix(*lengths: int) -> SameClassMix:
    return SameClassMix(others=[partial(recording, number + 1, length) for number, length in enumerate(lengths)])


@pytest.mark.parametrize("length", [20, 50, 80])
def test_it_equals_a_plain_loop(length):
    x, other = recording(0), recording(1, length)
    mixed = mix(length).apply(x, SameClassMixParams(other=0, own_share=0.6, other_share=0.9))
    for channel in range(2):
        for i in range(50):
            assert mixed[channel, i] == pytest.approx(0.6 * x[channel, i] + 0.9 * other[channel, i % length], abs=1e-6)
    assert mixed.dtype == np.float32


def test_both_shares_are_uniform_and_independent_and_every_other_one_equally_likely():
    chance, part = generator(), mix(50, 50, 50)
    drawn = [part.draw(recording(0), chance) for _ in range(2000)]
    own, other = [one.own_share for one in drawn], [one.other_share for one in drawn]
    assert stats.kstest(own, stats.uniform(0.5, 0.5).cdf).pvalue > 1e-4
    assert stats.kstest(other, stats.uniform(0.5, 0.5).cdf).pvalue > 1e-4
    assert abs(np.corrcoef(own, other)[0, 1]) < 0.1
    assert stats.chisquare(np.bincount([one.other for one in drawn], minlength=3)).pvalue > 1e-4


def test_only_the_one_that_was_drawn_is_read():
    read: list[int] = []

    def reads(number: int) -> np.ndarray:
        read.append(number)
        return recording(number)

    part = SameClassMix(others=[partial(reads, number) for number in range(5)])
    part.apply(recording(9), SameClassMixParams(other=3, own_share=0.5, other_share=0.5))
    assert read == [3]


def test_the_same_seed_gives_the_same_bytes_and_the_original_stays():
    x = recording(0)
    one, two, other = (perturbed(x, mix(50, 30), generator(seed)) for seed in (7, 7, 8))
    assert one.tobytes() == two.tobytes() != other.tobytes()
    np.testing.assert_array_equal(x, recording(0))


def test_what_cannot_be_mixed_is_refused():
    with pytest.raises(ConfigError, match="no other recording of the class"):
        WAVEFORM_AUGMENTATIONS["same-class-mix"](others=[])
    with pytest.raises(ConfigError, match="shares: wanted 0 < low <= high"):
        SameClassMix(others=[lambda: recording(1)], low=0.0)
    alone = SameClassMix(others=[lambda: recording(1, channels=1)])
    with pytest.raises(ConfigError, match="mix of 2 channels with 1"):
        perturbed(recording(0), alone, generator())
