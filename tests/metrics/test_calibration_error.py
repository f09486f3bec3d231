import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.metrics import calibration_error, reliability


def test_always_80_percent_sure_and_right_in_four_of_five_has_no_error() -> None:
    probabilities = np.tile([0.8, 0.2], (5, 1))
    assert calibration_error(probabilities, np.array([0, 0, 0, 0, 1])) == pytest.approx(0, abs=1e-12)
    assert calibration_error(probabilities, np.array([1, 1, 1, 1, 1])) == pytest.approx(0.8)


def test_bins_are_weighted_by_their_samples() -> None:
    probabilities = np.array([[1.0, 0.0]] * 3 + [[0.4, 0.6]])
    # three certain and right (gap 0), one 60 % sure and wrong (gap 0.6)
    assert calibration_error(probabilities, np.array([0, 0, 0, 0])) == pytest.approx(0.6 / 4)
    table = reliability(probabilities, np.array([0, 0, 0, 0]))
    np.testing.assert_allclose(table.confidence, [0.6, 1.0])
    np.testing.assert_allclose(table.accuracy, [0.0, 1.0])
    np.testing.assert_array_equal(table.count, [1, 3])


def test_no_samples_are_refused() -> None:
    with pytest.raises(InputError, match="no labelled sample"):
        calibration_error(np.zeros((0, 2)), np.array([], int))
