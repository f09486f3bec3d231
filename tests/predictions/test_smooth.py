"""Smoothing over time, beside a slow restatement of its law."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heterophony.predictions.smooth import smooth


def restated(p, reach):
    """The docstring, step by step."""
    known = [k for k in range(len(p)) if not np.isnan(p[k]).any()]
    smoothed = p.copy()
    for k in known:
        smoothed[k] = np.mean([p[j] for j in known if abs(j - k) <= reach], axis=0)
    return smoothed


@given(st.integers(0, 12), st.integers(0, 14), st.integers(0, 2**32 - 1))
def test_every_step_is_the_mean_of_its_span(n, reach, seed):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(3), n).reshape(n, 3)
    p[rng.random(n) < 0.3] = np.nan
    before = p.copy()
    np.testing.assert_allclose(smooth(p, reach), restated(p, reach), rtol=1e-12)
    assert np.array_equal(p, before, equal_nan=True)


def test_a_box_becomes_a_trapezium():
    p = np.array([0.0] * 4 + [1.0] * 4 + [0.0] * 4)
    found = smooth(np.stack([p, 1 - p], axis=1), 1)
    assert found[:, 0] == pytest.approx([0, 0, 0, 1 / 3, 2 / 3, 1, 1, 2 / 3, 1 / 3, 0, 0, 0])
    assert found.sum(axis=1) == pytest.approx(np.ones(12))


def test_no_reach_changes_no_bit():
    p = np.random.default_rng(0).dirichlet(np.ones(5), 9)
    assert np.array_equal(smooth(p, 0), p)
