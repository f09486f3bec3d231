"""A network that stands on priors: a product of experts, and at the start just the product."""

from dataclasses import replace

import pytest
import torch

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.losses import CrossEntropy
from heterophony.models import Hatr, OnPriors
from heterophony.training import seeded

OF = {"ear": "sound", "text": "words", "meaning": "words"}


@pytest.fixture
def model() -> OnPriors:
    with seeded(0):
        return OnPriors(Hatr({"sound": 6, "words": 5}, 4, 2, dim=16, hidden=16, dropout=0.0), OF).eval()


@pytest.fixture
def batch() -> Batch:
    generator = torch.Generator().manual_seed(1)
    present = torch.tensor([[True, True], [True, False], [False, True]]).repeat(4, 1)
    inputs = {"sound": torch.randn(12, 6, generator=generator), "words": torch.randn(12, 5, generator=generator)}
    priors = {name: torch.randn(12, 4, generator=generator).log_softmax(dim=1) for name in OF}
    return Batch(
        inputs={name: x * present[:, i, None] for i, (name, x) in enumerate(inputs.items())},
        present=present,
        target=torch.eye(4)[torch.arange(12) % 4],
        weight=torch.ones(12),
        priors=priors,
    )


def test_before_training_it_says_the_product_of_the_priors_that_are_there(model: OnPriors, batch: Batch) -> None:
    logits = model(batch).logits["class"]
    ear, text, meaning = batch.priors.values()
    for row in range(12):
        sound, words = batch.present[row].tolist()
        wanted = ear[row] * sound + (text[row] + meaning[row]) * words
        torch.testing.assert_close(logits[row], wanted)


def test_each_prior_has_a_scale_of_its_own_alone_and_beside_others(model: OnPriors, batch: Batch) -> None:
    with torch.no_grad():
        model.scale.copy_(torch.tensor([[0.0, 2.0, -1.0], [0.5, 0.0, 3.0]]))
    ear, text, meaning = batch.priors.values()
    logits = model(batch).logits["class"]
    torch.testing.assert_close(logits[2], 2 * text[2] - meaning[2])  # words alone
    torch.testing.assert_close(logits[0], 0.5 * ear[0] + 3 * meaning[0])  # sound and words


def test_the_network_is_added_and_the_rest_of_its_output_stays(model: OnPriors, batch: Batch) -> None:
    with torch.no_grad():
        model.network.class_head[-1].weight.normal_(generator=torch.Generator().manual_seed(3))
    own, whole = model.network(batch), model(batch)
    ear, text, meaning = batch.priors.values()
    torch.testing.assert_close(whole.logits["class"][0], own.logits["class"][0] + ear[0] + text[0] + meaning[0])
    torch.testing.assert_close(whole.logits["top"], own.logits["top"])
    torch.testing.assert_close(whole.latent, own.latent)
    torch.testing.assert_close(whole.attention, own.attention)


def test_what_an_absent_prior_holds_does_not_matter(model: OnPriors, batch: Batch) -> None:
    spoilt = batch.priors["ear"].clone()
    spoilt[~batch.present[:, 0]] = float("nan")
    one, two = model(batch), model(replace(batch, priors={**batch.priors, "ear": spoilt}))
    torch.testing.assert_close(one.logits["class"], two.logits["class"])


def test_an_absent_prior_spoils_no_gradient(model: OnPriors, batch: Batch) -> None:
    spoilt = batch.priors["ear"].clone()
    spoilt[~batch.present[:, 0]] = 1e30
    model.train()
    output = model(replace(batch, priors={**batch.priors, "ear": spoilt}))
    CrossEntropy()(output, batch.target, batch.weight).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all(), name


def test_everything_can_learn_after_the_first_step(model: OnPriors, batch: Batch) -> None:
    """The last layer starts at zero: in the first step it alone learns (with the scales), from then on all do."""
    model.train()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    grads = []
    for _ in range(2):
        optimiser.zero_grad()
        CrossEntropy()(model(batch), batch.target, batch.weight).backward()
        enter = next(model.network.projector.parameters()).grad
        grads.append((float(model.scale.grad.abs().sum()), float(enter.abs().sum())))
        optimiser.step()
    assert grads[0][0] > 0
    assert grads[0][1] == 0
    assert grads[1][1] > 0


def test_a_batch_with_other_priors_is_refused(model: OnPriors, batch: Batch) -> None:
    with pytest.raises(ModelError, match=r"takes the priors \('ear', 'text', 'meaning'\); got \('ear',\)"):
        model(replace(batch, priors={"ear": batch.priors["ear"]}))


def test_without_priors_there_is_nothing_to_stand_on() -> None:
    with pytest.raises(ModelError, match="needs at least one prior"):
        OnPriors(Hatr({"sound": 6}, 4, dim=16, hidden=16), {})
