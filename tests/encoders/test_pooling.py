"""Streaming pooling against NumPy on everything at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heterophony.encoders import loudness, pool, pool_heard
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


@given(n=st.integers(1, 30), batch=st.integers(1, 8))
def test_windows_40_db_below_the_loudest_do_not_count_wherever_it_stands(n: int, batch: int) -> None:
    generator = np.random.default_rng(n)
    vectors = generator.normal(size=(n, 3)).astype(np.float32)
    steps = generator.integers(-24, 1, n)
    groups = [(vectors[at : at + batch], steps[at : at + batch]) for at in range(0, n, batch)]
    heard = vectors[steps > steps.max() - 8].astype(np.float64)
    np.testing.assert_allclose(pool_heard(groups, "mean+max"), np.r_[heard.mean(0), heard.max(0)], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(pool_heard(groups, "mean+std"), np.r_[heard.mean(0), heard.std(0)], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("gain_db", "steps"), [(0, 0), (-5, -1), (-39, -8), (-60, -12), (-130, -24)])
def test_loudness_counts_steps_of_5_db_below_full_scale(gain_db: float, steps: int) -> None:
    window = np.full((1, 64), 10 ** (gain_db / 20), dtype=np.float32)
    assert loudness(window).tolist() == [steps]


def test_a_silent_recording_still_has_a_vector() -> None:
    assert pool_heard([(np.ones((2, 3), dtype=np.float32), np.array([-24, -24]))], "mean").tolist() == [1.0, 1.0, 1.0]


def test_the_unit_mean_is_the_mean_before_its_length_is_taken_out() -> None:
    vectors = np.array([[3.0, 0.0], [0.0, 4.0], [3.0, 4.0]], dtype=np.float32)
    pooled = pool([vectors[:1], vectors[1:]], "unit-mean")
    np.testing.assert_allclose(pooled, [2 / np.sqrt(4 + 64 / 9), (8 / 3) / np.sqrt(4 + 64 / 9)], rtol=1e-6)
    assert pool([np.zeros((2, 3), dtype=np.float32)], "unit-mean").tolist() == [0.0, 0.0, 0.0]
