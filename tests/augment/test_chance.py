import pytest
import torch
from scipy import stats

from heterophony.augment.chance import below, refuse_no_probability, refuse_range, uniform
from heterophony.errors import ConfigError


def test_numbers_are_uniform_in_their_range():
    chance = torch.Generator().manual_seed(1)
    drawn = [uniform(-4.0, 4.0, chance) for _ in range(2000)]
    assert stats.kstest(drawn, stats.uniform(-4, 8).cdf).pvalue > 1e-4
    counts = torch.tensor([below(5, chance) for _ in range(2000)]).bincount(minlength=5)
    assert len(counts) == 5
    assert stats.chisquare(counts.numpy()).pvalue > 1e-4


def test_what_is_out_of_range_is_refused():
    refuse_no_probability(0.0)
    refuse_no_probability(1.0)
    with pytest.raises(ConfigError, match=r"probability must be from 0 to 1, is -0\.1"):
        refuse_no_probability(-0.1)
    refuse_range("speed", 0.5, 0.5, above=0)
    for low, high in ((0.0, 1.0), (2.0, 1.0), (1.0, float("inf")), (float("nan"), 1.0)):
        with pytest.raises(ConfigError, match="speed: wanted 0 < low <= high"):
            refuse_range("speed", low, high, above=0)
