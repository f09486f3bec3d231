import numpy as np
import pytest

from heterophony.errors import ConfigError
from heterophony.weighting import confidence_weights, sample_weights, source_weights

CONFIDENCE = np.array([0.2, np.nan, 1.0, np.nan], dtype=np.float32)
SOURCE = np.array([1.0, 0.5, 0.5, 1.0], dtype=np.float32)


def test_a_confidence_that_is_there_replaces_the_weight_of_the_source():
    assert sample_weights(CONFIDENCE, SOURCE) == pytest.approx([0.2, 0.5, 1.0, 1.0])


def test_what_is_missing_counts_one():
    assert sample_weights(CONFIDENCE, None) == pytest.approx([0.2, 1.0, 1.0, 1.0])
    assert np.array_equal(sample_weights(None, SOURCE), SOURCE)


def test_the_published_combination_of_both_data_sets():
    weight = sample_weights(
        confidence_weights(np.array([5.0, 2.0, np.nan, np.nan]), "linear"),
        source_weights(["BSD10k", "BSD10k", "BSD35k-CS", "BSD35k-CS"], {"BSD35k-CS": 0.5}),
    )
    assert weight.dtype == np.float32
    assert weight == pytest.approx([1.0, 0.4, 0.5, 0.5])


def test_renormalised_weights_have_mean_one_and_their_ratios():
    plain, renormalised = (sample_weights(CONFIDENCE, SOURCE, how) for how in ("none", "mean"))
    assert renormalised.mean() == pytest.approx(1)
    assert renormalised / plain == pytest.approx(np.full(4, 1 / plain.mean()))


def test_what_went_in_stays_as_it_is():
    before = CONFIDENCE.copy(), SOURCE.copy()
    sample_weights(None, SOURCE)[:] = 7
    sample_weights(CONFIDENCE, SOURCE, "mean")[:] = 7
    assert np.array_equal(before[0], CONFIDENCE, equal_nan=True)
    assert np.array_equal(before[1], SOURCE)


def test_nothing_to_go_by_is_refused():
    with pytest.raises(ConfigError, match="both are None"):
        sample_weights(None, None)


def test_different_lengths_are_refused():
    with pytest.raises(ConfigError, match="4 confidences and 3 sources"):
        sample_weights(CONFIDENCE, SOURCE[:3])


def test_weights_of_zero_have_no_mean_to_make_one():
    with pytest.raises(ConfigError, match="all are 0"):
        sample_weights(np.zeros(3, dtype=np.float32), None, "mean")
