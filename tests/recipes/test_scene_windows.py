"""What a step sees of windows that lie in time."""

import numpy as np
import pytest

from heterophony.recipes.scene_windows import Windows, joined


def windows(*spans, loud=0):
    """The vector of each says when it begins and when it ends."""
    starts, ends = np.array(spans, np.float64).reshape(-1, 2).T
    vectors = np.stack([starts, ends], axis=1).astype(np.float32)
    return Windows(starts, ends, vectors, np.broadcast_to(np.int64(loud), len(starts)).copy())


HALVES = [(0.5 * n, 0.5 * n + 1) for n in range(9)]  # 0-1, 0.5-1.5 … 4-5


def test_windows_that_lie_in_the_context_are_averaged():
    assert windows(*HALVES).pooled(2.5, 2.0, "mean").tolist() == [2.0, 3.0]  # 1.5-2.5, 2-3, 2.5-3.5
    assert windows(*HALVES).pooled(2.5, 1.0, "mean").tolist() == [2.0, 3.0]  # 2-3 alone
    assert windows(*HALVES).pooled(2.5, 100.0, "mean").tolist() == [2.0, 3.0]
    assert windows(*HALVES).pooled(0.0, 3.0, "mean").tolist() == [0.25, 1.25], "cut off at the beginning"


def test_where_none_lies_in_the_context_it_is_the_nearest_over_the_middle():
    assert windows(*HALVES).pooled(2.6, 0.5, "mean").tolist() == [2.0, 3.0]
    assert windows(*HALVES).pooled(2.25, 0.0, "mean").tolist() == [1.5, 2.5], "of equals the first"
    assert windows((0, 1), (1, 2)).pooled(5.0, 1.0, "mean") is None
    assert windows().pooled(5.0, 1.0, "mean") is None


def test_pooling_is_that_of_a_clip():
    loud = windows(*HALVES, loud=np.array([0, -10, 0, 0, 0, 0, 0, 0, 0]))
    assert loud.pooled(1.0, 2.0, "mean").tolist() == [0.5, 1.5], "0-1 and 1-2; what is 50 dB below is not heard"
    assert windows(*HALVES).pooled(1.0, 2.0, "mean+max").tolist() == [0.5, 1.5, 1.0, 2.0]


def test_joining_and_taking_keep_the_order():
    both = joined(windows((0, 1), (1, 2)), windows((2, 3)))
    assert both.starts.tolist() == [0, 1, 2]
    assert both.take(np.array([0, 2])).vectors.tolist() == [[0, 1], [2, 3]]
    assert len(both) == 3


def test_a_thousandth_of_a_second_is_rounding():
    assert windows((0.9995, 2.0005), (3, 4)).pooled(1.5, 1.0, "mean") == pytest.approx([0.9995, 2.0005])
