import numpy as np
import pytest

from heterophony.errors import ConfigError, InputError
from heterophony.predictions import fit_temperature, log_softmax, softmax


def test_two_logits_give_the_logistic_function() -> None:
    got = softmax(np.array([[0.0, np.log(3.0)]]))
    np.testing.assert_allclose(got, [[0.25, 0.75]])
    np.testing.assert_allclose(softmax(np.array([[0.0, 2 * np.log(3.0)]]), 2.0), [[0.25, 0.75]])


def test_a_constant_added_to_a_row_changes_nothing_and_huge_logits_do_not_overflow() -> None:
    logits = np.array([[1.0, 2.0, 3.0]])
    np.testing.assert_allclose(softmax(logits), softmax(logits + 1e4), rtol=1e-9)
    np.testing.assert_allclose(log_softmax(np.array([[0.0, 1e5]])), [[-1e5, 0.0]])


def test_two_kinds_of_rows_have_an_analytic_temperature() -> None:
    # All rows say z = 2 for class 0; three of four are right, so the best answer is 3/4 = sigmoid(2 / T).
    logits = np.tile([2.0, 0.0], (4, 1))
    assert fit_temperature(logits, np.array([0, 0, 0, 1])) == pytest.approx(2 / np.log(3), rel=1e-4)


def test_logits_multiplied_by_a_constant_need_that_much_more_temperature() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(4000, 5))
    target = np.array([generator.choice(5, p=row) for row in softmax(logits)])
    plain = fit_temperature(logits, target)
    assert plain == pytest.approx(1, abs=0.05)
    assert fit_temperature(3 * logits, target) == pytest.approx(3 * plain, rel=1e-4)


def test_rows_without_a_target_do_not_count() -> None:
    logits = np.tile([2.0, 0.0], (6, 1))
    target = np.array([0, -1, 0, -1, 0, 1])
    assert fit_temperature(logits, target) == pytest.approx(2 / np.log(3), rel=1e-4)
    with pytest.raises(InputError, match="no row has a known target"):
        fit_temperature(logits, np.full(6, -1))


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, np.inf])
def test_a_temperature_that_is_not_positive_is_refused(temperature: float) -> None:
    with pytest.raises(ConfigError, match="wanted a positive number"):
        softmax(np.zeros((1, 2)), temperature)


def test_no_rows_give_no_rows() -> None:
    assert softmax(np.zeros((0, 3))).shape == (0, 3)
