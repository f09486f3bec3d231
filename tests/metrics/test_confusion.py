import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heterophony.errors import InputError
from heterophony.metrics import confusion_matrix, tree_order
from heterophony.metrics.confusion import accuracy, macro_accuracy, macro_f1, macro_top_accuracy, top_accuracy
from heterophony.taxonomy import BST, TAU, from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])
COUNTS = np.array([[2, 1, 1], [0, 4, 0], [0, 0, 0]])


def test_pairs_are_counted_where_truth_is_the_row() -> None:
    got = confusion_matrix(np.array([0, 0, 2]), np.array([0, 1, 2]), 3)
    np.testing.assert_array_equal(got, [[1, 1, 0], [0, 0, 0], [0, 0, 1]])


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=30))
def test_counting_is_a_plain_loop(pairs: list[tuple[int, int]]) -> None:
    slow = np.zeros((5, 5), int)
    for truth, said in pairs:
        slow[truth, said] += 1
    truths, answers = (np.array([pair[side] for pair in pairs], dtype=np.int8) for side in (0, 1))
    np.testing.assert_array_equal(confusion_matrix(truths, answers, 5), slow)


def test_an_unknown_target_is_refused_not_counted_elsewhere() -> None:
    with pytest.raises(InputError, match=r"target -1 is no class of 0\.\.2"):
        confusion_matrix(np.array([0, -1]), np.array([0, 0]), 3)
    with pytest.raises(InputError, match="prediction 3 is no class"):
        confusion_matrix(np.array([0]), np.array([3]), 3)


def test_the_flat_scores_of_a_small_matrix_are_these() -> None:
    assert accuracy(COUNTS, TREE) == 6 / 8
    assert top_accuracy(COUNTS, TREE) == 7 / 8
    assert macro_accuracy(COUNTS, TREE) == (2 / 4 + 4 / 4) / 2
    assert macro_top_accuracy(COUNTS, TREE) == (3 / 4 + 4 / 4) / 2
    assert macro_f1(COUNTS, TREE) == pytest.approx((4 / 6 + 8 / 9) / 2)


@pytest.mark.parametrize("score", [accuracy, top_accuracy, macro_accuracy, macro_top_accuracy, macro_f1])
def test_perfect_predictions_score_one_and_no_samples_are_refused(score: object) -> None:
    assert callable(score)
    assert score(np.diag([1, 2, 0]), TREE) == 1
    with pytest.raises(InputError, match="no labelled sample"):
        score(np.zeros((3, 3), int), TREE)


def test_the_tree_order_puts_the_members_of_a_top_side_by_side() -> None:
    np.testing.assert_array_equal(tree_order(BST), np.arange(23))
    assert [TAU.top(TAU.classes[index]) for index in tree_order(TAU)] == (
        ["indoor"] * 3 + ["outdoor"] * 4 + ["transportation"] * 3
    )
