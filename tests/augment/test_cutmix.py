from dataclasses import replace

import pytest
import torch
from scipy import stats

from heterophony.augment import AUGMENTATIONS, CutMix, augmented
from heterophony.augment.cutmix import CutMixParams
from heterophony.batches import Batch
from heterophony.errors import ConfigError


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def table(rows: int = 64, dims: tuple[int, int] = (10, 10)) -> Batch:
    chance = generator(1)
    inputs = {name: torch.randn(rows, d, generator=chance) for name, d in zip(("sound", "words"), dims, strict=True)}
    return Batch(
        inputs=inputs,
        present=torch.ones(rows, 2, dtype=torch.bool),
        target=torch.eye(4)[torch.arange(rows) % 4],
        weight=torch.rand(rows, generator=chance),
    )


def with_gaps() -> Batch:
    """Row by row: both, both, sound only, words only."""
    present = torch.tensor([[True, True], [True, True], [True, False], [False, True]])
    batch = table(4, (10, 6))
    inputs = {name: x * present[:, c, None] for c, (name, x) in enumerate(batch.inputs.items())}
    return replace(batch, inputs=inputs, present=present)


def params(partner: list[int], start: int, stop: int, share: float = 0.7) -> CutMixParams:
    return CutMixParams(partner=torch.tensor(partner), share=share, start=start, stop=stop)


def test_the_range_comes_from_the_partner_in_every_modality_and_the_rest_stays():
    batch, order = table(4), [2, 0, 3, 1]
    mixed = CutMix(alpha=0.2).apply(batch, params(order, 3, 6))
    for name, x in batch.inputs.items():
        assert torch.equal(mixed.inputs[name][:, 3:6], x[order][:, 3:6])
        assert torch.equal(mixed.inputs[name][:, :3], x[:, :3])
        assert torch.equal(mixed.inputs[name][:, 6:], x[:, 6:])
    torch.testing.assert_close(mixed.target, 0.7 * batch.target + 0.3 * batch.target[order])


@pytest.mark.parametrize("labels", ["drawn", "realised"])
def test_targets_sum_to_one_and_the_original_stays(labels):
    batch, before = table(), table()
    for seed in range(20):
        mixed = augmented(batch, CutMix(alpha=0.2, labels=labels), generator(seed))
        torch.testing.assert_close(mixed.target.sum(dim=1), torch.ones(64))
    assert torch.equal(batch.inputs["sound"], before.inputs["sound"])
    assert torch.equal(batch.target, before.target)


def test_exchanging_twice_between_pairs_gives_the_original():
    batch, drawn = table(4), params([1, 0, 3, 2], 2, 9)
    twice = CutMix(alpha=0.2).apply(CutMix(alpha=0.2).apply(batch, drawn), drawn)
    assert all(torch.equal(twice.inputs[name], x) for name, x in batch.inputs.items())


def test_the_drawn_share_has_the_law_of_beta_and_the_length_follows_from_it():
    chance, batch = generator(), table(2, (512, 512))
    drawn = [CutMix(alpha=0.2).draw(batch, chance) for _ in range(2000)]
    assert stats.kstest([one.share for one in drawn], stats.beta(0.2, 0.2).cdf).pvalue > 1e-4
    assert all(one.stop - one.start == int(512 * (1 - one.share)) for one in drawn)
    assert min(one.start for one in drawn) >= 0
    assert max(one.stop for one in drawn) <= 512


def test_given_its_length_every_place_of_the_range_is_equally_likely():
    chance, batch = generator(), table(2, (3, 3))
    drawn = [CutMix(alpha=1.0).draw(batch, chance) for _ in range(6000)]
    for length in (0, 1, 2):
        starts = torch.tensor([one.start for one in drawn if one.stop - one.start == length])
        assert stats.chisquare(torch.bincount(starts, minlength=4 - length).numpy()).pvalue > 1e-4


def test_realised_labels_are_the_part_of_the_coordinates_that_stayed():
    mixed = CutMix(alpha=0.2, labels="realised").apply(table(4, (10, 6)), params([1, 0, 3, 2], 4, 9))
    # 5 of the 10 sound coordinates and 2 of the 6 of the words change hands
    assert mixed.target.amax(dim=1).tolist() == pytest.approx([9 / 16] * 4)


def test_equal_sizes_realise_what_was_drawn_but_for_rounding():
    batch = table(4, (512, 512))
    for seed in range(20):
        drawn = CutMix(alpha=0.5).draw(batch, generator(seed))
        one, other = (CutMix(alpha=0.5, labels=labels).apply(batch, drawn) for labels in ("drawn", "realised"))
        assert torch.allclose(one.target, other.target, atol=1 / 512)


def test_a_range_beyond_a_smaller_modality_leaves_it_alone():
    batch = table(4, (10, 3))
    drawn = params([1, 0, 3, 2], 4, 9)
    mixed = CutMix(alpha=0.2).apply(batch, drawn)
    assert torch.equal(mixed.inputs["words"], batch.inputs["words"])
    realised = CutMix(alpha=0.2, labels="realised").apply(batch, drawn)
    assert realised.target.amax(dim=1).tolist() == pytest.approx([8 / 13] * 4)


def test_only_what_both_have_is_exchanged():
    batch = with_gaps()
    mixed = CutMix(alpha=0.2, labels="realised").apply(batch, params([2, 3, 0, 1], 1, 5))
    sound, words = batch.inputs["sound"], batch.inputs["words"]
    assert torch.equal(mixed.inputs["sound"][0, 1:5], sound[2, 1:5])
    assert torch.equal(mixed.inputs["words"][0], words[0])
    assert torch.equal(mixed.inputs["sound"][1], sound[1])
    assert torch.equal(mixed.inputs["words"][1, 1:5], words[3, 1:5])
    assert torch.all(mixed.inputs["words"][2] == 0)
    assert torch.all(mixed.inputs["sound"][3] == 0)
    assert torch.equal(mixed.present, batch.present)
    kept = [mixed.target[row, row].item() for row in range(4)]
    assert kept == pytest.approx([12 / 16, 12 / 16, 6 / 10, 2 / 6])


@pytest.mark.parametrize("labels", ["drawn", "realised"])
def test_with_nothing_in_common_a_sample_stays_as_it_is(labels):
    batch = with_gaps()
    mixed = CutMix(alpha=0.2, labels=labels, weights="mixed").apply(batch, params([0, 1, 3, 2], 1, 5))
    for row in (2, 3):
        assert torch.equal(mixed.inputs["sound"][row], batch.inputs["sound"][row])
        assert torch.equal(mixed.target[row], batch.target[row])
        assert mixed.weight[row] == batch.weight[row]


def test_weights_are_those_of_the_sample_unless_mixed():
    batch, drawn = table(4), params([1, 0, 3, 2], 3, 6)
    assert torch.equal(CutMix(alpha=0.2).apply(batch, drawn).weight, batch.weight)
    expected = 0.7 * batch.weight + 0.3 * batch.weight[drawn.partner]
    torch.testing.assert_close(CutMix(alpha=0.2, weights="mixed").apply(batch, drawn).weight, expected)


def test_the_same_generator_gives_the_same_and_the_global_state_stays():
    before = torch.random.get_rng_state()
    first, second = (augmented(table(), CutMix(alpha=0.5), generator()) for _ in range(2))
    assert torch.equal(first.inputs["sound"], second.inputs["sound"])
    assert torch.equal(first.target, second.target)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("nan"), float("inf")])
def test_an_alpha_out_of_range_is_refused(alpha):
    with pytest.raises(ConfigError, match="alpha must be finite and > 0"):
        AUGMENTATIONS["cutmix"](alpha=alpha)
