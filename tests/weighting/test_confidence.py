import numpy as np
import pytest

from heterophony.errors import ConfigError
from heterophony.weighting import CONFIDENCES, confidence_weights

STEPS = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("linear", [0.2, 0.4, 0.6, 0.8, 1.0]),
        ("shifted", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("binary", [0.3, 0.3, 1.0, 1.0, 1.0]),
    ],
)
def test_each_step_has_its_published_weight(shape, expected):
    weight = confidence_weights(STEPS, shape)
    assert weight.dtype == np.float32
    assert weight == pytest.approx(expected)


@pytest.mark.parametrize("shape", CONFIDENCES)
def test_unknown_stays_unknown(shape):
    weight = confidence_weights(np.array([np.nan, 5.0, np.nan]), shape)
    assert np.isnan(weight).tolist() == [True, False, True]
    assert weight[1] == 1


@pytest.mark.parametrize("shape", CONFIDENCES)
def test_surer_never_counts_less(shape):
    assert np.all(np.diff(confidence_weights(np.linspace(1, 5, 81), shape)) >= 0)


@pytest.mark.parametrize("value", [0.0, 5.5, -1.0, np.inf])
def test_a_confidence_out_of_range_is_refused_with_its_row(value):
    with pytest.raises(ConfigError, match=r"from 1 to 5, or NaN where unknown; row 2 has"):
        confidence_weights(np.array([1.0, np.nan, value]), "linear")
