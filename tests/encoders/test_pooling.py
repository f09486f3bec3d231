"""Streaming pooling against NumPy on everything at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heterophony.encoders import pool
from heterophony.errors import ConfigError, MediaError


@given(n=st.integers(1, 30), batch=st.integers(1, 8), offset=st.sampled_from([0.0, 1000.0]))
def test_pooling_in_groups_is_pooling_at_once(n: int, batch: int, offset: float) -> None:
    vectors = np.random.default_rng(n).normal(offset, 1.0, (n, 3)).astype(np.float32)
    groups = [vectors[start : start + batch] for start in range(0, n, batch)]
    wide = vectors.astype(np.float64)
    np.testing.assert_allclose(pool(groups, "mean"), wide.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(pool(groups, "mean+max"), np.r_[wide.mean(axis=0), wide.max(axis=0)], rtol=1e-6)
    np.testing.assert_allclose(
        pool(groups, "mean+std"), np.r_[wide.mean(axis=0), wide.std(axis=0)], rtol=1e-5, atol=1e-6
    )


def test_one_window_is_its_own_mean_and_maximum_and_does_not_deviate() -> None:
    window = np.array([[1.5, -2.0]], dtype=np.float32)
    assert pool([window], "mean+max").tolist() == [1.5, -2.0, 1.5, -2.0]
    assert pool([window], "mean+std").tolist() == [1.5, -2.0, 0.0, 0.0]


def test_no_window_is_an_error_and_not_a_vector_of_nans() -> None:
    with pytest.raises(MediaError, match="no window"):
        pool([np.zeros((0, 3), dtype=np.float32)], "mean")


def test_an_unknown_pooling_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'median' is unknown; there are mean, mean\+max, mean\+std"):
        pool([np.ones((1, 3), dtype=np.float32)], "median")
