import math
from types import SimpleNamespace

import pytest
import torch

from heterophony.errors import ConfigError
from heterophony.losses import LOSSES, SupervisedContrastive

MEMBERSHIP = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
TOPS = torch.tensor([0, 0, 1])


def said(latent: torch.Tensor) -> SimpleNamespace:
    return SimpleNamespace(logits={}, latent=latent)


def latents(rows: int = 9, dim: int = 6) -> torch.Tensor:
    return 3 * torch.randn(rows, dim, generator=torch.Generator().manual_seed(0))


def hard(labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.one_hot(labels, 3).float()


def soft(rows: int = 9) -> torch.Tensor:
    return torch.softmax(2 * torch.randn(rows, 3, generator=torch.Generator().manual_seed(1)), dim=1)


def score(loss: SupervisedContrastive, latent: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return loss(said(latent), target, torch.ones(len(target)))


def slow(latent: torch.Tensor, labels: list[int], tau: float) -> float:
    """The published formula, one anchor and one positive at a time."""
    unit = [[v / math.hypot(*row) for v in row] for row in latent.tolist()]
    n, of_anchors = len(labels), []
    s = [[sum(a * b for a, b in zip(unit[i], unit[j], strict=True)) / tau for j in range(n)] for i in range(n)]
    for i in range(n):
        positives = [p for p in range(n) if p != i and labels[p] == labels[i]]
        log_sum = math.log(sum(math.exp(s[i][a]) for a in range(n) if a != i))
        if positives:
            of_anchors.append(-sum(s[i][p] - log_sum for p in positives) / len(positives))
    return sum(of_anchors) / len(of_anchors)


@pytest.mark.parametrize("tau", [0.1, 0.5, 2.0])
def test_on_hard_labels_it_is_the_published_formula_on_either_level(tau):
    labels = torch.tensor([0, 1, 2, 0, 1, 2, 2, 1, 0])
    for level, names in (("class", labels), ("top", TOPS[labels])):
        loss = SupervisedContrastive(membership=MEMBERSHIP, tau=tau, level=level)
        assert score(loss, latents(), hard(labels)).item() == pytest.approx(slow(latents(), names.tolist(), tau))


def test_the_top_level_is_the_default_and_does_not_tell_classes_of_one_top_apart():
    loss = SupervisedContrastive(membership=MEMBERSHIP)
    one, other = torch.tensor([0, 0, 1, 1, 2, 2, 2, 0, 1]), torch.tensor([1, 0, 0, 0, 2, 2, 2, 1, 1])
    assert torch.equal(score(loss, latents(), hard(one)), score(loss, latents(), hard(other)))


def test_an_anchor_without_positives_is_left_out():
    labels = torch.tensor([0, 0, 1, 1, 2, 0, 1, 0, 1])
    loss = SupervisedContrastive(membership=MEMBERSHIP, level="class")
    assert score(loss, latents(), hard(labels)).item() == pytest.approx(slow(latents(), labels.tolist(), 0.5))


@pytest.mark.parametrize("rows", [1, 3])
def test_without_any_positive_it_is_zero_and_so_is_its_gradient(rows):
    latent = latents(rows).requires_grad_()
    loss = score(SupervisedContrastive(membership=MEMBERSHIP, level="class"), latent, hard(torch.arange(rows)))
    loss.backward()
    assert loss.item() == 0
    assert torch.all(latent.grad == 0)


def test_equal_latents_cost_the_logarithm_of_the_number_of_others():
    loss = SupervisedContrastive(membership=MEMBERSHIP)
    assert score(loss, torch.ones(9, 6), hard(torch.arange(9) % 3)).item() == pytest.approx(math.log(8), rel=1e-6)


def test_two_tight_opposite_groups_cost_what_the_formula_gives():
    latent = torch.tensor([[1.0, 0], [1, 0], [-1, 0], [-1, 0]])
    loss = SupervisedContrastive(membership=MEMBERSHIP, tau=0.5)
    # own partner: e^2; each of the two others: e^-2
    expected = math.log(math.exp(2) + 2 * math.exp(-2)) - 2
    assert score(loss, latent, hard(torch.tensor([0, 1, 2, 2]))).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("level", ["class", "top"])
def test_soft_targets_weight_each_pair_by_their_inner_product(level):
    latent, target = latents(), soft()
    label = target if level == "class" else target @ MEMBERSHIP
    s = torch.nn.functional.cosine_similarity(latent[:, None], latent[None], dim=2) / 0.5
    each = []
    for i in range(9):
        others = [j for j in range(9) if j != i]
        w = torch.stack([label[i] @ label[j] for j in others])
        log_sum = torch.logsumexp(s[i, others], dim=0)
        each.append(-(w * (s[i, others] - log_sum)).sum() / w.sum())
    ours = score(SupervisedContrastive(membership=MEMBERSHIP, level=level), latent, target)
    torch.testing.assert_close(ours, torch.stack(each).mean())


def test_lengths_of_the_latents_do_not_matter():
    loss, target = SupervisedContrastive(membership=MEMBERSHIP), soft()
    stretched = latents() * torch.arange(1.0, 10.0)[:, None]
    torch.testing.assert_close(score(loss, stretched, target), score(loss, latents(), target))


def test_the_order_of_the_samples_does_not_matter():
    loss, target = SupervisedContrastive(membership=MEMBERSHIP), soft()
    torch.testing.assert_close(score(loss, latents().flip(0), target.flip(0)), score(loss, latents(), target))


def test_its_gradient_is_that_of_finite_differences():
    loss, target = SupervisedContrastive(membership=MEMBERSHIP), soft(5)
    latent = latents(5, 4).requires_grad_()
    score(loss, latent, target).backward()
    for row, column in ((0, 0), (2, 3), (4, 1)):
        step = torch.zeros(5, 4)
        step[row, column] = 1e-2
        slope = (score(loss, latent + step, target) - score(loss, latent - step, target)) / 2e-2
        assert latent.grad[row, column].item() == pytest.approx(slope.item(), abs=2e-4)


def test_descent_brings_tops_together():
    latent = latents().requires_grad_()
    labels = torch.arange(9) % 3
    loss, optimiser = SupervisedContrastive(membership=MEMBERSHIP), torch.optim.Adam([latent], lr=0.1)
    for _ in range(200):
        optimiser.zero_grad()
        score(loss, latent, hard(labels)).backward()
        optimiser.step()
    unit = torch.nn.functional.normalize(latent.detach(), dim=1)
    same = TOPS[labels][:, None] == TOPS[labels][None]
    assert (unit @ unit.T)[same].min() > 0.95
    assert (unit @ unit.T)[~same].max() < 0


def test_it_is_scored_in_float32_whatever_the_precision_around_it():
    loss, target = SupervisedContrastive(membership=MEMBERSHIP), soft()
    halved = latents().bfloat16()
    plain = score(loss, halved.float(), target)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = score(loss, halved, target)
    assert inside.dtype == torch.float32
    assert torch.equal(inside, plain)


@pytest.mark.parametrize("tau", [0.0, -1.0, float("nan")])
def test_a_temperature_out_of_range_is_refused(tau):
    with pytest.raises(ConfigError, match="tau must be > 0"):
        LOSSES["contrastive"](membership=MEMBERSHIP, tau=tau)


def test_a_class_under_two_tops_is_refused():
    with pytest.raises(ConfigError, match="exactly one top"):
        SupervisedContrastive(membership=torch.ones(3, 2))
