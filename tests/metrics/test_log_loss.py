import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.metrics import log_loss, macro_log_loss


def test_a_uniform_guess_costs_the_logarithm_of_the_number_of_classes() -> None:
    guess = np.full((6, 4), 0.25)
    assert log_loss(guess, np.array([0, 1, 2, 3, 0, 0])) == pytest.approx(np.log(4))
    assert macro_log_loss(guess, np.array([0, 1, 2, 3, 0, 0])) == pytest.approx(np.log(4))


def test_macro_weighs_classes_equally_and_overall_weighs_samples() -> None:
    probabilities = np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.75, 0.25]])
    target = np.array([0, 0, 0, 1])
    assert log_loss(probabilities, target) == pytest.approx((3 * np.log(2) + np.log(4)) / 4)
    assert macro_log_loss(probabilities, target) == pytest.approx((np.log(2) + np.log(4)) / 2)


def test_a_certain_error_is_finite_and_no_samples_are_refused() -> None:
    assert log_loss(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(15 * np.log(10))
    with pytest.raises(InputError, match="no labelled sample"):
        log_loss(np.zeros((0, 2)), np.array([], int))
