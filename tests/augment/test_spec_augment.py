import numpy as np
import pytest
import torch
from scipy import stats

from heterophony.augment import SPECTROGRAM_AUGMENTATIONS, SpecAugment, perturbed
from heterophony.augment.spec_augment import Stretch, hidden
from heterophony.errors import ConfigError


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def spectrograms(batch: int = 3, channels: int = 6, bins: int = 128, frames: int = 39) -> torch.Tensor:
    return torch.rand(batch, channels, bins, frames, generator=generator(1)) + 0.1


def restated(x: torch.Tensor, drawn, fill: str) -> torch.Tensor:
    y = x.clone()
    batch, channels, bins, frames = x.shape
    for b in range(batch):
        for c in range(channels):
            value = x[b, c].mean() if fill == "mean" else 0.0
            for f in range(bins):
                for t in range(frames):
                    in_band = drawn.bins.start[b, c] <= f < drawn.bins.stop[b, c]
                    in_time = drawn.frames.start[b, c] <= t < drawn.frames.stop[b, c]
                    if in_band or in_time:
                        y[b, c, f, t] = value
    return y


@pytest.mark.parametrize("fill", ["zero", "mean"])
def test_it_equals_plain_loops_and_the_outside_is_unchanged(fill):
    x = spectrograms(2, 2, 20, 11)
    part = SpecAugment(share=0.5, level="sample", per_channel=True, fill=fill)
    drawn = part.draw(x, generator(3))
    torch.testing.assert_close(part.apply(x, drawn), restated(x, drawn, fill), rtol=0, atol=1e-6)


def widths_and_starts(x: torch.Tensor, axis: str) -> tuple[np.ndarray, np.ndarray]:
    drawn = getattr(SpecAugment(level="sample", per_channel=True).draw(x, generator()), axis)
    return (drawn.stop - drawn.start).flatten().numpy(), drawn.start.flatten().numpy()


@pytest.mark.parametrize(("axis", "size", "parameter"), [("bins", 128, 13), ("frames", 39, 4)])
def test_widths_are_uniform_from_none_to_one_less_than_the_parameter(axis, size, parameter):
    width, start = widths_and_starts(torch.zeros(800, 6, 128, 39), axis)
    assert set(width) == set(range(parameter))
    assert stats.chisquare(np.bincount(width, minlength=parameter)).pvalue > 1e-4
    assert width.mean() == pytest.approx((parameter - 1) / 2, abs=4 * parameter / 12**0.5 / 4800**0.5)
    for one in (0, parameter - 1):  # every place in which it fits is equally likely
        places = np.bincount(start[width == one], minlength=size - one + 1)
        assert len(places) == size - one + 1
        assert stats.chisquare(places).pvalue > 1e-4


def test_what_is_hidden_is_one_stretch_of_each_axis_and_never_as_wide_as_the_parameter():
    x = spectrograms(64)
    gone = perturbed(x, SpecAugment(level="sample"), generator()) == 0
    for one in gone[:, 0]:
        for along, size, parameter in ((one.all(dim=1), 128, 13), (one.all(dim=0), 39, 4)):
            places = along.nonzero().flatten()
            assert len(places) < parameter
            assert len(places) == 0 or len(places) == places.max() - places.min() + 1
            assert len(along) == size


def test_on_the_level_of_the_batch_all_have_the_same_mask():
    gone = perturbed(spectrograms(16), SpecAugment(share=0.5), generator()) == 0
    assert gone.any()
    assert torch.equal(gone, gone[:1, :1].expand_as(gone))
    by_channel = perturbed(spectrograms(16), SpecAugment(share=0.5, per_channel=True), generator()) == 0
    assert torch.equal(by_channel, by_channel[:1].expand_as(by_channel))
    assert not torch.equal(by_channel, by_channel[:, :1].expand_as(by_channel))


def test_on_the_level_of_the_sample_masks_differ_and_channels_share_them():
    gone = perturbed(spectrograms(16), SpecAugment(share=0.5, level="sample"), generator()) == 0
    assert torch.equal(gone, gone[:, :1].expand_as(gone))
    assert len({one.numpy().tobytes() for one in gone}) == 16


def test_a_share_of_zero_changes_no_byte():
    x = spectrograms()
    assert torch.equal(perturbed(x, SpecAugment(share=0.0), generator()), x)


def test_the_same_seed_gives_the_same_and_the_original_and_the_global_state_stay():
    before, x = torch.random.get_rng_state(), spectrograms()
    one, two, other = (perturbed(x, SpecAugment(level="sample"), generator(seed)) for seed in (7, 7, 8))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert torch.equal(x, spectrograms())
    assert torch.equal(torch.random.get_rng_state(), before)


def test_nothing_is_hidden_by_an_empty_stretch():
    where = hidden(Stretch(start=torch.tensor([[2, 1]]), stop=torch.tensor([[2, 3]])), 4)
    assert where.tolist() == [[[False] * 4, [False, True, True, False]]]


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ConfigError, match="share must be from 0 to 1"):
        SPECTROGRAM_AUGMENTATIONS["spec-augment"](share=share)
