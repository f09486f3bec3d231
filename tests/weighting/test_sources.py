import numpy as np
import pytest

from heterophony.errors import ConfigError
from heterophony.weighting import source_weights


def test_each_row_gets_the_weight_of_its_source_and_others_one():
    weight = source_weights(["bsd10k", "esc-50", "fsd50k", "esc-50"], {"esc-50": 0.3, "fsd50k": 0.5})
    assert weight.dtype == np.float32
    assert weight == pytest.approx([1.0, 0.3, 0.5, 0.3])


def test_without_weights_all_count_alike():
    assert source_weights(["a", "b"], {}).tolist() == [1, 1]
    assert source_weights([], {}).shape == (0,)


def test_a_source_that_no_row_has_is_refused():
    with pytest.raises(ConfigError, match=r"no sample comes from esc50; sources are bsd10k, esc-50"):
        source_weights(["esc-50", "bsd10k"], {"esc50": 0.3})


@pytest.mark.parametrize("weight", [-0.1, float("nan"), float("inf")])
def test_a_weight_out_of_range_is_refused(weight):
    with pytest.raises(ConfigError, match="the weight of 'a' must be finite and >= 0"):
        source_weights(["a"], {"a": weight})
