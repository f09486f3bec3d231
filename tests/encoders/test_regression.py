"""Logistic regression against the optimum's own equations."""

import numpy as np
import pytest
from scipy.special import softmax

from heterophony.encoders.regression import UNSEEN, logistic_regression


@pytest.mark.parametrize("present", [[0, 1], [0, 1, 2]])
def test_the_gradient_of_what_it_minimises_is_zero(present: list[int]) -> None:
    """X^T (P - Y) + W / c = 0, whatever the number of classes that occur."""
    generator = np.random.default_rng(0)
    target = np.repeat(present, 20)
    x = generator.normal(size=(len(target), 4)) + target[:, None]
    weights, bias = logistic_regression(x, target, 3, c=0.5, tol=1e-8)
    probability = softmax((x @ weights + bias)[:, present], axis=1)
    error = probability - (target[:, None] == np.array(present))
    # two classes are one row of weights w, split into -w/2 and w/2: its penalty is twice that of both halves
    strength = 0.5 / (2 if len(present) == 2 else 1)
    np.testing.assert_allclose(x.T @ error + weights[:, present] / strength, 0, atol=2e-2)
    np.testing.assert_allclose(error.sum(axis=0), 0, atol=2e-2)


def test_classes_without_rows_have_no_weights_and_a_low_bias() -> None:
    x = np.random.default_rng(1).normal(size=(12, 3))
    weights, bias = logistic_regression(x, np.repeat([1, 3], 6), 5, c=1.0)
    np.testing.assert_array_equal(weights[:, [0, 2, 4]], 0)
    np.testing.assert_array_equal(bias[[0, 2, 4]], UNSEEN)


def test_a_single_class_is_certain() -> None:
    weights, bias = logistic_regression(np.ones((4, 2)), np.full(4, 2), 3, c=1.0)
    assert not weights.any()
    assert bias.tolist() == [UNSEEN, UNSEEN, 0.0]
