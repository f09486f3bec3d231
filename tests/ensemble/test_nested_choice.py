import numpy as np
import pytest

from heterophony.ensemble.exhaustive import SubsetScores
from heterophony.ensemble.nested_choice import by_f1, by_two_phases, nested_choice
from heterophony.ensemble.subsets import Subsets
from heterophony.errors import InputError

F1 = np.array([[0.875, 0.125, 0.25], [0.5, 0.5, 0.5], [0.125, 0.875, 0.75]], dtype=np.float32)
ACCURACY = np.array([[0.1, 0.9, 0.9], [0.8, 0.8, 0.8], [0.7, 0.1, 0.1]], dtype=np.float32)
SCORES = SubsetScores(Subsets(3, 2, 2), (4, 6, 9), ACCURACY, F1)


def test_the_best_of_the_other_folds_is_scored_on_this_one() -> None:
    got = nested_choice(SCORES, by_f1())
    assert got.folds == (4, 6, 9)
    assert [one.tolist() for one in got.chosen] == [[2], [0], [0]]  # the last is a tie of all three
    assert got.in_sample.tolist() == [0.8125, 0.5625, 0.5]
    assert got.held_out.tolist() == [0.125, 0.125, 0.25]


def test_several_chosen_are_averaged() -> None:
    got = nested_choice(SCORES, by_f1(2))
    assert [one.tolist() for one in got.chosen] == [[2, 1], [0, 1], [0, 1]]
    assert got.in_sample.tolist() == [0.65625, 0.53125, 0.5]
    assert got.held_out.tolist() == [0.3125, 0.3125, 0.375]


def test_two_phases_look_at_accuracy_first() -> None:
    assert [one.tolist() for one in nested_choice(SCORES, by_two_phases(1)).chosen] == [[0], [1], [1]]
    # Of the two most accurate the higher F1: 1 of (0, 1), 0 of (1, 0), and of a tie of (1, 0) the more accurate.
    assert [one.tolist() for one in nested_choice(SCORES, by_two_phases(2)).chosen] == [[1], [0], [1]]


def test_one_fold_cannot_be_chosen_on_others() -> None:
    one = SubsetScores(SCORES.subsets, (4,), ACCURACY[:, :1], F1[:, :1])
    with pytest.raises(InputError, match="a single fold"):
        nested_choice(one, by_f1())
