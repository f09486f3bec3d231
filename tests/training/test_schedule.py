"""Learning rates, beside closed forms and the framework's own schedulers."""

import math

import pytest
import torch

from heterophony.training import FitSettings, learning_rate
from heterophony.training.schedule import Plateau, rate_factor


def test_cosine_is_that_of_the_framework_epoch_by_epoch():
    settings = FitSettings(schedule="cosine", epochs=30, lr=0.5)
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=30)
    for epoch in range(1, 31):
        assert learning_rate(settings, epoch) == pytest.approx(theirs.get_last_lr()[0], abs=1e-12)
        assert rate_factor(settings, epoch - 0.01) == rate_factor(settings, epoch - 1)  # the same within the epoch
        optimiser.step()
        theirs.step()


def test_linear_rises_for_the_warm_up_and_falls_to_nothing_from_step_to_step():
    settings, steps = FitSettings(schedule="linear", epochs=30, warmup_epochs=1), 50
    for step in range(30 * steps + 1):
        wanted = step / steps if step < steps else (30 * steps - step) / (29 * steps)
        assert rate_factor(settings, step / steps) == pytest.approx(wanted, abs=1e-12)
    assert rate_factor(settings, 31.0) == 0.0


def test_linear_without_warm_up_starts_at_the_top():
    settings = FitSettings(schedule="linear", epochs=4)
    assert [rate_factor(settings, done) for done in (0.0, 1.0, 2.0, 4.0)] == [1.0, 0.75, 0.5, 0.0]


def test_step_and_constant():
    assert [rate_factor(FitSettings(halve_every=2), t) for t in (0, 1.99, 2, 4.5)] == [1.0, 1.0, 0.5, 0.25]
    assert {rate_factor(FitSettings(schedule="constant"), t) for t in (0.0, 7.3, 99.0)} == {1.0}


@pytest.mark.parametrize(("period", "lr", "lowest"), [(2, 0.1, 1e-4), (3, 1.0, 0.0), (1, 0.5, 1.0)])
def test_restarts_are_those_of_the_framework_step_by_step(period, lr, lowest):
    settings = FitSettings(schedule="restarts", epochs=254, lr=lr, first_period=period, lowest=lowest)
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    theirs = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimiser, period, 2, eta_min=lowest * lr)
    optimiser.step()
    for quarter in range(4 * 254):
        theirs.step(quarter / 4)
        assert lr * rate_factor(settings, quarter / 4) == pytest.approx(theirs.get_last_lr()[0], abs=1e-12)


def test_the_restarts_of_the_dcase_system_are_at_the_epochs_that_it_has():
    settings = FitSettings(schedule="restarts", epochs=254, lr=0.1, optimiser="sgd")
    rates = [learning_rate(settings, epoch) for epoch in range(1, 256)]
    assert [epoch for epoch, rate in enumerate(rates, 1) if rate == 0.1] == [1, 3, 7, 15, 31, 63, 127, 255]
    assert 0.1 * rate_factor(settings, 254 - 1e-9) == pytest.approx(1e-5)


@pytest.mark.parametrize("patience", [1, 2, 5])
def test_a_plateau_is_that_of_the_framework_which_counts_one_less(patience):
    ours = Plateau.of(FitSettings(schedule="plateau", plateau_patience=patience))
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimiser, factor=0.5, patience=patience - 1, threshold=0.0, eps=0.0
    )
    losses = torch.randn(200, generator=torch.Generator().manual_seed(0)).exp().round(decimals=1).tolist()
    for loss in [3.0, 3.0, math.nan, *losses]:
        ours.see(loss)
        theirs.step(loss)
        assert ours.scale == optimiser.param_groups[0]["lr"]
    assert 0 < ours.scale < 1


def test_other_schedules_know_no_plateau():
    plateau = Plateau.of(FitSettings(plateau_patience=1))
    for _ in range(9):
        plateau.see(1.0)
    assert plateau.scale == 1.0


def test_a_run_that_ends_earlier_stays_on_the_same_curve():
    whole, short = (FitSettings(schedule="cosine", epochs=n, span=s) for n, s in ((30, 0), (7, 30)))
    assert [learning_rate(short, epoch) for epoch in range(1, 8)] == [learning_rate(whole, e) for e in range(1, 8)]
    assert learning_rate(whole, 16) == pytest.approx(1e-3 * (1 + math.cos(math.pi / 2)) / 2)
