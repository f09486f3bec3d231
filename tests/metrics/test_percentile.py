import numpy as np
import pytest

from heterophony.errors import ConfigError
from heterophony.metrics.percentile import Interval, percentile_interval


def test_it_leaves_as_much_on_both_sides() -> None:
    resampled = np.random.default_rng(0).permutation(101) / 100
    got = percentile_interval(0.4, resampled, 0.9)
    assert (got.value, got.low, got.high, got.draws) == (0.4, pytest.approx(0.05), pytest.approx(0.95), 101)
    # The variance of 0, 1, ..., 100, with ddof 1, is 101 * 102 / 12.
    assert got.spread == pytest.approx(np.sqrt(101 * 102 / 12) / 100)


def test_resamples_that_all_agree_span_nothing() -> None:
    assert percentile_interval(0.0, np.zeros(5), 0.95) == Interval(0.0, 0.0, 0.0, 5, 0.0)


def test_impossible_settings_are_refused() -> None:
    for level in (0, 1, 95):
        with pytest.raises(ConfigError, match=f"level={level}; wanted a share between 0 and 1"):
            percentile_interval(0.0, np.zeros(5), level)
    with pytest.raises(ConfigError, match="draws=1; a spread needs 2"):
        percentile_interval(0.0, np.zeros(1), 0.95)
