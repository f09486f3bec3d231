import pytest

from heterophony.errors import ConfigError
from heterophony.training import FitSettings, learning_rate


def test_the_defaults_are_the_papers():
    s = FitSettings()
    assert (s.epochs, s.batch, s.lr, s.weight_decay, s.halve_every, s.patience) == (100, 64, 1e-3, 1e-5, 20, 15)
    assert (s.optimiser, s.schedule, s.clip, s.accumulate, s.groups) == ("adam", "step", None, 1, ())
    assert (s.monitor, s.drop_last, s.precision) == ("accuracy", True, "float32")


def test_the_learning_rate_halves_after_every_twentieth_epoch():
    rates = [learning_rate(FitSettings(lr=1.0), epoch) for epoch in range(1, 101)]
    assert rates == [1.0] * 20 + [0.5] * 20 + [0.25] * 20 + [0.125] * 20 + [0.0625] * 20


def test_everything_wrong_is_named_at_once():
    with pytest.raises(ConfigError, match=r"epochs must be >= 1, is 0; batch must be >= 1, is -1; lr must be > 0"):
        FitSettings(epochs=0, batch=-1, lr=0.0)
    with pytest.raises(ConfigError, match=r"weight_decay must be >= 0, is nan; precision must be .*is 'half'"):
        FitSettings(weight_decay=float("nan"), precision="half")
    with pytest.raises(
        ConfigError, match=r"clip must be > 0, is -2; warmup_epochs must be >= 0, is -1; optimiser must"
    ):
        FitSettings(clip=-2, warmup_epochs=-1, optimiser="lion")
    with pytest.raises(ConfigError, match=r"schedule must be 'step' or 'cosine' or .* or 'constant', is 'cos'"):
        FitSettings(schedule="cos")
    with pytest.raises(
        ConfigError, match=r"first_period must be >= 1, is 0; plateau_patience .* lowest must be from 0 to"
    ):
        FitSettings(first_period=0, plateau_patience=0, lowest=1.5)
