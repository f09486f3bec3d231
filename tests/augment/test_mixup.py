from dataclasses import replace

import pytest
import torch
from scipy import stats

from heterophony.augment import AUGMENTATIONS, Mixup, augmented
from heterophony.augment.mixup import MixupParams
from heterophony.batches import Batch
from heterophony.errors import ConfigError
from heterophony.losses import CrossEntropy
from heterophony.models import Output


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def table(rows: int = 64) -> Batch:
    chance = generator(1)
    inputs = {"sound": torch.randn(rows, 6, generator=chance), "words": torch.randn(rows, 4, generator=chance)}
    return Batch(
        inputs=inputs,
        present=torch.ones(rows, 2, dtype=torch.bool),
        target=torch.eye(3)[torch.arange(rows) % 3],
        weight=torch.rand(rows, generator=chance),
    )


def with_gaps() -> Batch:
    """Row by row: both, both, sound only, words only."""
    present = torch.tensor([[True, True], [True, True], [True, False], [False, True]])
    batch = table(4)
    inputs = {name: x * present[:, c, None] for c, (name, x) in enumerate(batch.inputs.items())}
    return replace(batch, inputs=inputs, present=present)


def params(partner: list[int], share: float) -> MixupParams:
    return MixupParams(partner=torch.tensor(partner), share=torch.full((len(partner),), share))


def test_it_equals_plain_loops_in_every_modality_and_the_target():
    batch, by_sample = table(), Mixup(alpha=0.4, per="sample")
    drawn = by_sample.draw(batch, generator())
    mixed = by_sample.apply(batch, drawn)
    for i, (j, share) in enumerate(zip(drawn.partner.tolist(), drawn.share.tolist(), strict=True)):
        for x, y in [(batch.inputs[n], mixed.inputs[n]) for n in batch.inputs] + [(batch.target, mixed.target)]:
            torch.testing.assert_close(y[i], share * x[i] + (1 - share) * x[j])


@pytest.mark.parametrize("per", ["batch", "sample"])
def test_targets_sum_to_one_and_the_original_stays(per):
    batch, before = table(), table()
    mixed = augmented(batch, Mixup(alpha=0.3, per=per), generator())
    torch.testing.assert_close(mixed.target.sum(dim=1), torch.ones(64))
    assert torch.equal(batch.inputs["sound"], before.inputs["sound"])
    assert torch.equal(batch.target, before.target)


def test_one_share_per_batch_or_one_per_sample():
    assert len(Mixup(alpha=0.2).draw(table(), generator()).share.unique()) == 1
    assert len(Mixup(alpha=0.2, per="sample").draw(table(), generator()).share.unique()) > 50


def test_the_shares_of_many_batches_have_the_law_of_beta():
    chance, batch = generator(), table(2)
    shares = [float(Mixup(alpha=0.2).draw(batch, chance).share[0]) for _ in range(2000)]
    assert stats.kstest(shares, stats.beta(0.2, 0.2).cdf).pvalue > 1e-4


def test_a_large_alpha_mixes_halves_and_a_small_one_takes_either():
    halves = Mixup(alpha=1e6, per="sample").draw(table(), generator()).share
    either = Mixup(alpha=1e-4, per="sample").draw(table(), generator()).share
    assert torch.allclose(halves, torch.tensor(0.5), atol=5e-3)
    assert ((either < 1e-3) | (either > 1 - 1e-3)).float().mean() > 0.98
    assert 0.2 < either.mean() < 0.8


def test_a_share_of_one_changes_no_byte_and_a_share_of_zero_gives_the_partner():
    batch, order = table(4), [2, 0, 3, 1]
    same, other = (Mixup(alpha=0.2, weights="mixed").apply(batch, params(order, share)) for share in (1.0, 0.0))
    taken = batch.take(torch.tensor(order))
    for mixed, expected in ((same, batch), (other, taken)):
        assert all(torch.equal(mixed.inputs[name], x) for name, x in expected.inputs.items())
        assert torch.equal(mixed.target, expected.target)
        assert torch.equal(mixed.weight, expected.weight)


def test_mixing_pairs_with_the_share_turned_round_is_the_mix_seen_from_the_partner():
    batch, order = table(4), [1, 0, 3, 2]
    one, other = (Mixup(alpha=0.2, weights="mixed").apply(batch, params(order, share)) for share in (0.3, 0.7))
    turned = other.take(torch.tensor(order))
    torch.testing.assert_close(one.inputs["words"], turned.inputs["words"])
    torch.testing.assert_close(one.target, turned.target)
    torch.testing.assert_close(one.weight, turned.weight)


def test_weights_are_those_of_the_sample_unless_mixed():
    batch, drawn = table(4), params([1, 0, 3, 2], 0.3)
    assert torch.equal(Mixup(alpha=0.2).apply(batch, drawn).weight, batch.weight)
    expected = 0.3 * batch.weight + 0.7 * batch.weight[drawn.partner]
    torch.testing.assert_close(Mixup(alpha=0.2, weights="mixed").apply(batch, drawn).weight, expected)


def test_only_what_both_have_is_mixed():
    batch = with_gaps()
    mixed = Mixup(alpha=0.2).apply(batch, params([2, 3, 0, 1], 0.25))
    sound, words = batch.inputs["sound"], batch.inputs["words"]
    torch.testing.assert_close(mixed.inputs["sound"][0], 0.25 * sound[0] + 0.75 * sound[2])
    assert torch.equal(mixed.inputs["words"][0], words[0])
    assert torch.equal(mixed.inputs["sound"][1], sound[1])
    assert torch.all(mixed.inputs["words"][2] == 0)
    assert torch.all(mixed.inputs["sound"][3] == 0)
    assert torch.equal(mixed.present, batch.present)
    torch.testing.assert_close(mixed.target, 0.25 * batch.target + 0.75 * batch.target[[2, 3, 0, 1]])


def test_with_nothing_in_common_a_sample_stays_as_it_is():
    batch = with_gaps()
    mixed = Mixup(alpha=0.2, weights="mixed").apply(batch, params([0, 1, 3, 2], 0.25))
    for row in (2, 3):
        assert torch.equal(mixed.inputs["sound"][row], batch.inputs["sound"][row])
        assert torch.equal(mixed.inputs["words"][row], batch.inputs["words"][row])
        assert torch.equal(mixed.target[row], batch.target[row])
        assert mixed.weight[row] == batch.weight[row]


def test_the_same_generator_gives_the_same_and_the_global_state_stays():
    before = torch.random.get_rng_state()
    first, second = (augmented(table(), Mixup(alpha=0.2), generator()) for _ in range(2))
    assert torch.equal(first.inputs["sound"], second.inputs["sound"])
    assert torch.equal(first.target, second.target)
    assert torch.equal(torch.random.get_rng_state(), before)
    other = augmented(table(), Mixup(alpha=0.2), generator(8))
    assert not torch.equal(first.inputs["sound"], other.inputs["sound"])


def joint(fraction: float = 1.0, ratio: float = 0.4) -> Mixup:
    """The joint mixup of sound, pictures and label."""
    return Mixup(ratio=ratio, fraction=fraction, partner="other")


def scenes(rows: int = 8) -> Batch:
    """Spectrograms and two frames, before any encoder."""
    chance = generator(2)
    return Batch(
        inputs={
            "sound": torch.randn(rows, 6, 5, 4, generator=chance),
            "pictures": torch.randn(rows, 2, 3, 4, 4, generator=chance),
        },
        present=torch.ones(rows, 2, dtype=torch.bool),
        target=torch.eye(3)[torch.arange(rows) % 3],
        weight=torch.ones(rows),
    )


@pytest.mark.parametrize("batch", [scenes(), table(8)], ids=["inputs", "embeddings"])
def test_joint_mixup_has_one_ratio_and_one_partner_for_sound_pictures_and_label(batch):
    drawn = joint(0.5).draw(batch, generator())
    mixed = joint(0.5).apply(batch, drawn)
    assert sorted(set(drawn.share.tolist())) == pytest.approx([0.4, 1.0])
    for i, (j, share) in enumerate(zip(drawn.partner.tolist(), drawn.share.tolist(), strict=True)):
        assert j != i
        for x, y in [(batch.inputs[n], mixed.inputs[n]) for n in batch.inputs] + [(batch.target, mixed.target)]:
            torch.testing.assert_close(y[i], share * x[i] + (1 - share) * x[j])
    torch.testing.assert_close(mixed.target.sum(dim=1), torch.ones(8))


def test_joint_mixup_is_linear():
    batch, drawn = scenes(), joint().draw(scenes(), generator())
    louder = replace(batch, inputs={name: 3 * x for name, x in batch.inputs.items()})
    for name, x in joint().apply(batch, drawn).inputs.items():
        torch.testing.assert_close(joint().apply(louder, drawn).inputs[name], 3 * x)


@pytest.mark.parametrize("part", [Mixup(ratio=1.0), joint(fraction=0.0)], ids=["ratio 1", "fraction 0"])
def test_a_ratio_of_one_and_a_fraction_of_zero_change_no_byte(part):
    batch, mixed = scenes(), augmented(scenes(), part, generator())
    assert all(torch.equal(mixed.inputs[name], x) for name, x in batch.inputs.items())
    assert torch.equal(mixed.target, batch.target)


def test_the_loss_at_a_mixed_label_is_the_mix_of_the_losses_at_both():
    batch, drawn = scenes(), joint().draw(scenes(), generator())
    mixed = joint().apply(batch, drawn)
    logits = torch.randn(8, 3, generator=generator(3))
    output = Output(logits={"class": logits}, latent=torch.zeros(8, 1), attention=torch.zeros(8, 2))
    own, other = (CrossEntropy()(output, t, batch.weight) for t in (batch.target, batch.target[drawn.partner]))
    torch.testing.assert_close(CrossEntropy()(output, mixed.target, mixed.weight), 0.4 * own + 0.6 * other)


@pytest.mark.parametrize("fraction", [0.2, 0.5, 1.0])
def test_the_fraction_that_is_asked_for_is_mixed(fraction):
    chance, batch = generator(), table(32)
    mixed = sum(int((joint(fraction).draw(batch, chance).share < 1).sum()) for _ in range(125))
    assert stats.binomtest(mixed, 4000, fraction).pvalue > 1e-4


def test_one_alone_is_mixed_with_itself():
    batch = table(1)
    mixed = augmented(batch, joint(), generator())
    torch.testing.assert_close(mixed.inputs["sound"], batch.inputs["sound"])
    torch.testing.assert_close(mixed.target, batch.target)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "wanted alpha or ratio, one of them; came None and None"),
        ({"alpha": 0.4, "ratio": 0.4}, "wanted alpha or ratio, one of them"),
        ({"ratio": 1.1}, "ratio must be from 0 to 1"),
        ({"ratio": 0.4, "fraction": -0.1}, "fraction must be from 0 to 1"),
    ],
)
def test_settings_that_contradict_are_refused(wrong, message):
    with pytest.raises(ConfigError, match=message):
        Mixup(**wrong)


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("nan"), float("inf")])
def test_an_alpha_out_of_range_is_refused(alpha):
    with pytest.raises(ConfigError, match="alpha must be finite and > 0"):
        AUGMENTATIONS["mixup"](alpha=alpha)
