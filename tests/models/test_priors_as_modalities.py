"""Priors as inputs: the plain network on a table with more columns, and presence that follows the modality."""

from dataclasses import replace

import pytest
import torch

from heterophony.augment import Masking, ModalityDropout, Noise, augmented
from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models import Hatr, OnPriors, PriorsAsModalities
from heterophony.training import seeded

OF = {"ear": "sound", "text": "words", "meaning": "words"}
DIMS = {"sound": 6, "words": 5}


def hatr(names: tuple[str, ...]) -> Hatr:
    with seeded(0):
        return Hatr({**DIMS, **dict.fromkeys(names, 4)}, 4, 2, dim=16, hidden=16, dropout=0.0).eval()


@pytest.fixture
def batch() -> Batch:
    generator = torch.Generator().manual_seed(1)
    present = torch.tensor([[True, True], [True, False], [False, True]]).repeat(4, 1)
    inputs = {name: torch.randn(12, dim, generator=generator) for name, dim in DIMS.items()}
    return Batch(
        inputs={name: x * present[:, i, None] for i, (name, x) in enumerate(inputs.items())},
        present=present,
        target=torch.eye(4)[torch.arange(12) % 4],
        weight=torch.ones(12),
        priors={name: torch.randn(12, 4, generator=generator).log_softmax(dim=1) for name in OF},
    )


def widened(batch: Batch) -> Batch:
    """The same table, written out by hand."""
    sound, words = batch.present.T
    return Batch(
        inputs={**batch.inputs, **{name: torch.softmax(x, dim=1) for name, x in batch.priors.items()}},
        present=torch.stack([sound, words, sound, words, words], dim=1),
        target=batch.target,
        weight=batch.weight,
    )


def test_it_is_the_network_on_a_wider_table(batch: Batch) -> None:
    network = hatr(tuple(OF))
    wanted, got = network(widened(batch)), PriorsAsModalities(network, OF)(batch)
    torch.testing.assert_close(got.logits, wanted.logits)
    torch.testing.assert_close(got.latent, wanted.latent)


def test_attention_to_a_prior_counts_for_what_it_was_made_from(batch: Batch) -> None:
    network = hatr(tuple(OF))
    raw = network(widened(batch)).attention
    got = PriorsAsModalities(network, OF)(batch).attention
    torch.testing.assert_close(got, torch.stack([raw[:, 0] + raw[:, 2], raw[:, 1] + raw[:, 3] + raw[:, 4]], dim=1))
    torch.testing.assert_close(got.sum(dim=1), torch.ones(12))
    assert not got[~batch.present].any()


def test_a_prior_of_what_is_left_out_is_not_heard(batch: Batch) -> None:
    model = PriorsAsModalities(hatr(tuple(OF)), OF)
    without = replace(batch.take(torch.tensor([0, 1])), present=torch.tensor([[True, False], [True, False]]))
    other = replace(without, priors={**without.priors, "text": without.priors["text"].flip(1)})
    heard = replace(without, priors={**without.priors, "ear": without.priors["ear"].flip(1)})
    torch.testing.assert_close(model(without).logits, model(other).logits)
    assert not torch.allclose(model(without).logits["class"], model(heard).logits["class"])


def test_augmentations_do_not_touch_what_it_reads(batch: Batch) -> None:
    generator = torch.Generator().manual_seed(0)
    for augmentation in (Noise(sigma=1.0), Masking(max_fraction=1.0), ModalityDropout(probability=0.5)):
        after = augmented(batch, augmentation, generator)
        assert all(torch.equal(after.priors[name], said) for name, said in batch.priors.items())


def test_some_priors_are_read_and_some_are_added(batch: Batch) -> None:
    """Before training the last layer is zero, so the class logits are the added ones alone; the top's read the rest."""
    read = {"text": "words"}
    model = OnPriors(PriorsAsModalities(hatr(("text",)), read), {"ear": "sound", "meaning": "words"}).eval()
    sound, words = batch.present.T[:, :, None]
    torch.testing.assert_close(
        model(batch).logits["class"], batch.priors["ear"] * sound + batch.priors["meaning"] * words
    )
    flipped = replace(batch, priors={**batch.priors, "text": batch.priors["text"].flip(1)})
    assert not torch.allclose(model(flipped).logits["top"], model(batch).logits["top"])


def test_a_network_that_reads_other_things_last_is_refused() -> None:
    with pytest.raises(ModelError, match=r"must read the priors \('text',\) last.*reads \('sound', 'words', 'ear'\)"):
        PriorsAsModalities(hatr(("ear",)), {"text": "words"})
    with pytest.raises(ModelError, match="at least one"):
        PriorsAsModalities(hatr(("ear",)), {})


def test_a_batch_with_other_priors_is_refused(batch: Batch) -> None:
    with pytest.raises(ModelError, match=r"reads the priors \('ear', 'text', 'meaning'\); got \(\)"):
        PriorsAsModalities(hatr(tuple(OF)), OF)(replace(batch, priors={}))
