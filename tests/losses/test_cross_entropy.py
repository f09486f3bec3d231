import math
from types import SimpleNamespace

import pytest
import torch

from heterophony.errors import ConfigError
from heterophony.losses import LOSSES, CrossEntropy


def said(logits: torch.Tensor) -> SimpleNamespace:
    return SimpleNamespace(logits={"class": logits}, latent=logits)


def case(rows: int = 12, classes: int = 5) -> tuple[SimpleNamespace, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(rows, classes, generator=generator)
    labels = torch.randint(classes, (rows,), generator=generator)
    return said(logits), labels, torch.rand(rows, generator=generator)


def hard(labels: torch.Tensor, classes: int = 5) -> torch.Tensor:
    return torch.nn.functional.one_hot(labels, classes).float()


@pytest.mark.parametrize("eps", [0.0, 0.01, 0.1])
def test_on_hard_labels_it_is_the_frameworks(eps):
    output, labels, _ = case()
    ours = CrossEntropy(label_smoothing=eps)(output, hard(labels), torch.ones(12))
    theirs = torch.nn.functional.cross_entropy(output.logits["class"], labels, label_smoothing=eps)
    torch.testing.assert_close(ours, theirs)


def test_equal_logits_cost_the_logarithm_of_the_number_of_classes():
    output = said(torch.zeros(3, 5))
    loss = CrossEntropy(label_smoothing=0.3)(output, hard(torch.tensor([0, 1, 4])), torch.ones(3))
    assert loss.item() == pytest.approx(math.log(5))


def test_it_equals_plain_loops_with_soft_targets_and_weights():
    output, _, weight = case()
    target = torch.softmax(torch.randn(12, 5, generator=torch.Generator().manual_seed(1)), dim=1)
    eps, total = 0.1, 0.0
    for z, t, w in zip(output.logits["class"].tolist(), target.tolist(), weight.tolist(), strict=True):
        log_sum = math.log(sum(math.exp(v) for v in z))
        total -= w * sum(((1 - eps) * tc + eps / 5) * (zc - log_sum) for tc, zc in zip(t, z, strict=True))
    assert CrossEntropy(label_smoothing=eps)(output, target, weight).item() == pytest.approx(total / 12, rel=1e-5)


def test_a_mixed_target_costs_the_mix_of_both_costs():
    output, labels, _ = case()
    other, ones, loss = labels.flip(0), torch.ones(12), CrossEntropy()
    mixed = loss(output, 0.3 * hard(labels) + 0.7 * hard(other), ones)
    torch.testing.assert_close(mixed, 0.3 * loss(output, hard(labels), ones) + 0.7 * loss(output, hard(other), ones))


def test_weights_are_not_renormalised():
    output, labels, _ = case()
    full = CrossEntropy()(output, hard(labels), torch.ones(12))
    torch.testing.assert_close(CrossEntropy()(output, hard(labels), torch.full((12,), 0.72)), 0.72 * full)


def test_logits_in_bfloat16_are_scored_in_float32():
    output = said(torch.zeros(2, 5, dtype=torch.bfloat16))
    assert CrossEntropy()(output, hard(torch.tensor([0, 1])), torch.ones(2)).dtype == torch.float32


@pytest.mark.parametrize("eps", [-0.1, 1.0, float("nan")])
def test_a_smoothing_out_of_range_is_refused(eps):
    with pytest.raises(ConfigError, match="label_smoothing must be >= 0 and < 1"):
        LOSSES["cross-entropy"](label_smoothing=eps)


@pytest.mark.parametrize("eps", [0.0, 0.1])
def test_class_weights_on_hard_labels_are_the_frameworks_before_its_normalisation(eps):
    output, labels, weight = case()
    v = torch.tensor([0.5, 1.0, 2.0, 0.0, 1.5])
    ours = CrossEntropy(label_smoothing=eps, class_weight=v)(output, hard(labels), weight)
    theirs = torch.nn.functional.cross_entropy(
        output.logits["class"], labels, weight=v, reduction="none", label_smoothing=eps
    )
    torch.testing.assert_close(ours, (weight * theirs).mean())


def test_class_weights_equal_plain_loops_with_soft_and_smoothed_targets():
    output, _, weight = case()
    target = torch.softmax(torch.randn(12, 5, generator=torch.Generator().manual_seed(1)), dim=1)
    v, eps, total = [0.5, 1.0, 2.0, 0.1, 1.5], 0.1, 0.0
    for z, t, w in zip(output.logits["class"].tolist(), target.tolist(), weight.tolist(), strict=True):
        log_sum = math.log(sum(math.exp(value) for value in z))
        for c in range(5):
            total -= w * v[c] * ((1 - eps) * t[c] + eps / 5) * (z[c] - log_sum)
    loss = CrossEntropy(label_smoothing=eps, class_weight=torch.tensor(v))
    assert loss(output, target, weight).item() == pytest.approx(total / 12, rel=1e-5)


def test_of_a_mixed_sample_each_label_counts_with_its_own_weight():
    output, labels, _ = case()
    v, ones = torch.tensor([0.5, 1.0, 2.0, 0.1, 1.5]), torch.ones(12)
    other = labels.flip(0)
    each = [
        torch.nn.functional.cross_entropy(output.logits["class"], y, weight=v, reduction="none")
        for y in (labels, other)
    ]
    mixed = CrossEntropy(class_weight=v)(output, 0.3 * hard(labels) + 0.7 * hard(other), ones)
    torch.testing.assert_close(mixed, (0.3 * each[0] + 0.7 * each[1]).mean())


def test_class_weights_of_one_change_nothing():
    output, labels, weight = case()
    assert torch.equal(
        CrossEntropy(class_weight=torch.ones(5))(output, hard(labels), weight),
        CrossEntropy()(output, hard(labels), weight),
    )


def test_too_few_class_weights_are_refused():
    output, labels, weight = case()
    with pytest.raises(ConfigError, match="class_weight has 4 weights, the model 5 classes"):
        CrossEntropy(class_weight=torch.ones(4))(output, hard(labels), weight)


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_class_weights_out_of_range_are_refused(bad):
    with pytest.raises(ConfigError, match="finite and >= 0, that of class 1 is"):
        CrossEntropy(class_weight=torch.tensor([1.0, bad]))
