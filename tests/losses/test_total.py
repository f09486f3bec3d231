from types import SimpleNamespace

import pytest
import torch

from heterophony.errors import ConfigError
from heterophony.losses import LOSSES, CrossEntropy, Hierarchical, SupervisedContrastive, Total

MEMBERSHIP = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def case() -> tuple[SimpleNamespace, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = {"class": torch.randn(8, 3, generator=generator), "top": torch.randn(8, 2, generator=generator)}
    output = SimpleNamespace(logits=logits, latent=torch.randn(8, 4, generator=generator))
    return output, torch.softmax(torch.randn(8, 3, generator=generator), dim=1), torch.rand(8, generator=generator)


def test_it_is_the_weighted_sum_of_its_terms():
    batch = case()
    a, b = Hierarchical(membership=MEMBERSHIP, top_weight=0.7), SupervisedContrastive(membership=MEMBERSHIP)
    torch.testing.assert_close(Total(terms=((1.0, a), (0.2, b)))(*batch), a(*batch) + 0.2 * b(*batch))


def test_one_term_with_weight_one_is_the_loss_itself():
    assert torch.equal(Total(terms=((1.0, CrossEntropy()),))(*case()), CrossEntropy()(*case()))


def test_gradients_add_up_too():
    output, target, weight = case()
    output.latent.requires_grad_()
    term = SupervisedContrastive(membership=MEMBERSHIP)
    (alone,) = torch.autograd.grad(term(output, target, weight), output.latent)
    total = Total(terms=((1.0, CrossEntropy()), (0.5, term)))
    (together,) = torch.autograd.grad(total(output, target, weight), output.latent)
    torch.testing.assert_close(together, 0.5 * alone)


def test_a_sum_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="needs at least one"):
        LOSSES["total"](terms=())


@pytest.mark.parametrize("factor", [-0.5, float("nan"), float("inf")])
def test_a_weight_out_of_range_is_refused(factor):
    with pytest.raises(ConfigError, match="the weight of CrossEntropy must be finite and >= 0"):
        Total(terms=((factor, CrossEntropy()),))
