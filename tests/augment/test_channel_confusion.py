import numpy as np
import pytest
import torch
from scipy import stats

from heterophony.augment import SPECTROGRAM_AUGMENTATIONS, ChannelConfusion, perturbed
from heterophony.errors import ConfigError
from heterophony.features.log_mel_deltas import log_mel_deltas


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def spectrograms(batch: int = 4) -> torch.Tensor:
    return torch.rand(batch, 6, 5, 3, generator=generator(1))


def test_left_and_right_change_places_in_all_three_groups_of_those_drawn():
    x = spectrograms()
    y = ChannelConfusion().apply(x, torch.tensor([True, False, True, False]))
    assert torch.equal(y[0], x[0, [1, 0, 3, 2, 5, 4]])
    assert torch.equal(y[2], x[2, [1, 0, 3, 2, 5, 4]])
    assert torch.equal(y[[1, 3]], x[[1, 3]])


def test_twice_is_nothing():
    x, part = spectrograms(64), ChannelConfusion()
    drawn = part.draw(x, generator())
    assert torch.equal(part.apply(part.apply(x, drawn), drawn), x)
    assert not torch.equal(part.apply(x, drawn), x)


def test_it_is_what_the_front_end_makes_of_swapped_ears():
    windows = np.random.default_rng(0).normal(0, 0.1, (1, 2, 16_384)).astype(np.float32)
    heard, turned = (torch.from_numpy(log_mel_deltas(one)) for one in (windows, windows[:, ::-1].copy()))
    torch.testing.assert_close(ChannelConfusion().apply(heard, torch.tensor([True])), turned)


def test_half_of_all_are_swapped():
    drawn = ChannelConfusion().draw(torch.zeros(4000, 2, 1, 1), generator())
    assert stats.binomtest(int(drawn.sum()), 4000, 0.5).pvalue > 1e-4
    for probability in (0, 1):
        part = ChannelConfusion(probability=probability)
        assert bool((part.draw(spectrograms(), generator()) == bool(probability)).all())


def test_the_same_seed_gives_the_same():
    one, two = (perturbed(spectrograms(32), ChannelConfusion(), generator()) for _ in range(2))
    assert torch.equal(one, two)


def test_what_has_no_pairs_and_what_is_no_probability_is_refused():
    with pytest.raises(ConfigError, match="3 channels are no pairs"):
        perturbed(torch.zeros(1, 3, 2, 2), ChannelConfusion(), generator())
    with pytest.raises(ConfigError, match="probability must be from 0 to 1"):
        SPECTROGRAM_AUGMENTATIONS["channel-confusion"](probability=1.5)
