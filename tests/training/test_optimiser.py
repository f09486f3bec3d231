"""AdamW beside a slow restatement; rates that are set by the schedule."""

import numpy as np
import pytest
import torch
from torch import nn

from heterophony.training import FitSettings, Group, seeded
from heterophony.training.optimiser import build_optimiser, set_rates


def slow_adamw(w: np.ndarray, gradients: list[np.ndarray], lr: float, decay: float) -> np.ndarray:
    """Loshchilov and Hutter, ICLR 2019, algorithm 2, in float64."""
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w = w - lr * decay * w - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w


def test_adamw_is_that_of_its_paper():
    with seeded(0):
        model = nn.Linear(5, 3)
    rng = np.random.default_rng(0)
    gradients = [rng.normal(size=(3, 5)) for _ in range(7)]
    wanted = slow_adamw(model.weight.detach().double().numpy(), gradients, 0.01, 0.3)
    optimiser = build_optimiser(model, FitSettings(optimiser="adamw", lr=0.01, weight_decay=0.3))
    assert isinstance(optimiser, torch.optim.AdamW)
    for gradient in gradients:
        model.weight.grad = torch.from_numpy(gradient).float()
        optimiser.step()
    np.testing.assert_allclose(model.weight.detach().numpy(), wanted, atol=1e-6)


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_sgd_has_momentum_and_a_coupled_decay(decay):
    with seeded(0):
        model = nn.Linear(5, 3)
    rng, momentum = np.random.default_rng(0), 0.0
    wanted = model.weight.detach().double().numpy()
    optimiser = build_optimiser(model, FitSettings(optimiser="sgd", lr=0.01, weight_decay=decay))
    for gradient in [rng.normal(size=(3, 5)) for _ in range(7)]:
        model.weight.grad = torch.from_numpy(gradient).float()
        optimiser.step()
        momentum = 0.9 * momentum + gradient + decay * wanted
        wanted = wanted - 0.01 * momentum
    np.testing.assert_allclose(model.weight.detach().numpy(), wanted, atol=1e-6)


def test_without_groups_it_is_one_group_of_adam():
    optimiser = build_optimiser(nn.Linear(5, 3), FitSettings())
    assert type(optimiser) is torch.optim.Adam
    (group,) = optimiser.param_groups
    assert (group["lr"], group["weight_decay"], group["fused"], len(group["params"])) == (1e-3, 1e-5, True, 2)


def test_the_schedule_scales_the_rate_of_every_group():
    model = nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.Linear(2, 2)})
    settings = FitSettings(schedule="linear", epochs=10, warmup_epochs=2, lr=1.0, groups=(Group(match="b", lr=0.1),))
    optimiser = build_optimiser(model, settings)
    for done, factor in ((0.0, 0.0), (1.0, 0.5), (2.0, 1.0), (6.0, 0.5)):
        set_rates(optimiser, settings, done)
        assert [group["lr"] for group in optimiser.param_groups] == pytest.approx([factor, 0.1 * factor])
