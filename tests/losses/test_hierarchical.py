from types import SimpleNamespace

import pytest
import torch

from heterophony.errors import ConfigError
from heterophony.losses import LOSSES, CrossEntropy, Hierarchical

MEMBERSHIP = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def case() -> tuple[SimpleNamespace, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = {"class": torch.randn(8, 3, generator=generator), "top": torch.randn(8, 2, generator=generator)}
    return (
        SimpleNamespace(logits=logits, latent=logits["class"]),
        torch.arange(8) % 3,
        torch.rand(8, generator=generator),
    )


def hard(labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.one_hot(labels, 3).float()


def test_on_hard_labels_it_is_both_cross_entropies_of_the_framework():
    output, labels, _ = case()
    tops = torch.tensor([0, 0, 1])[labels]
    cross_entropy = torch.nn.functional.cross_entropy
    expected = cross_entropy(output.logits["class"], labels) + 0.7 * cross_entropy(output.logits["top"], tops)
    loss = Hierarchical(membership=MEMBERSHIP, top_weight=0.7)
    torch.testing.assert_close(loss(output, hard(labels), torch.ones(8)), expected)


def test_with_top_weight_zero_it_is_the_cross_entropy_of_the_classes():
    output, labels, weight = case()
    loss = Hierarchical(membership=MEMBERSHIP, top_weight=0.0, label_smoothing=0.1)
    expected = CrossEntropy(label_smoothing=0.1)(output, hard(labels), weight)
    torch.testing.assert_close(loss(output, hard(labels), weight), expected)


def test_a_mix_inside_one_top_is_certain_of_the_top():
    output, _, _ = case()
    mixed = torch.tensor([[0.4, 0.6, 0.0]]).expand(8, 3)
    loss = Hierarchical(membership=MEMBERSHIP, top_weight=1.0)
    first = torch.zeros(8, dtype=torch.long)
    expected = CrossEntropy()(output, mixed, torch.ones(8)) + torch.nn.functional.cross_entropy(
        output.logits["top"], first
    )
    torch.testing.assert_close(loss(output, mixed, torch.ones(8)), expected)


def test_sample_weights_reach_the_top_term_only_on_request():
    output, labels, weight = case()
    parts = {
        weighted: Hierarchical(membership=MEMBERSHIP, top_weight=1.0, weighted_top=weighted)(
            output, hard(labels), weight
        )
        - CrossEntropy()(output, hard(labels), weight)
        for weighted in (False, True)
    }
    top = torch.nn.functional.cross_entropy(output.logits["top"], torch.tensor([0, 0, 1])[labels], reduction="none")
    torch.testing.assert_close(parts[False], top.mean())
    torch.testing.assert_close(parts[True], (weight * top).mean())


def test_a_model_without_top_head_is_refused():
    output, labels, weight = case()
    del output.logits["top"]
    with pytest.raises(ConfigError, match="needs a model with a top head"):
        Hierarchical(membership=MEMBERSHIP, top_weight=1.0)(output, hard(labels), weight)


def test_a_class_under_two_tops_is_refused():
    with pytest.raises(ConfigError, match="exactly one top"):
        LOSSES["hierarchical"](membership=torch.ones(3, 2), top_weight=1.0)


def test_a_negative_weight_is_refused():
    with pytest.raises(ConfigError, match=r"top_weight must be >= 0, is -1"):
        Hierarchical(membership=MEMBERSHIP, top_weight=-1.0)


def test_class_weights_reach_the_class_term_and_not_the_top_term():
    output, labels, weight = case()
    v, cross_entropy = torch.tensor([0.5, 1.0, 2.0]), torch.nn.functional.cross_entropy
    loss = Hierarchical(membership=MEMBERSHIP, top_weight=0.7, label_smoothing=0.1, class_weight=v)
    classes = CrossEntropy(label_smoothing=0.1, class_weight=v)(output, hard(labels), weight)
    tops = cross_entropy(output.logits["top"], torch.tensor([0, 0, 1])[labels], label_smoothing=0.1)
    torch.testing.assert_close(loss(output, hard(labels), weight), classes + 0.7 * tops)


def test_a_negative_class_weight_is_refused():
    with pytest.raises(ConfigError, match="that of class 0 is -1"):
        Hierarchical(membership=MEMBERSHIP, top_weight=1.0, class_weight=torch.tensor([-1.0, 1.0, 1.0]))
