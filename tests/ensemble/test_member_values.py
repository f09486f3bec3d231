from inspect import unwrap

import numpy as np
import pytest

from heterophony.ensemble.member_values import MemberValues
from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics import DRAWABLE, confusion_matrix, evaluate_confusion
from heterophony.taxonomy import Taxonomy

TREE = Taxonomy("tree", ("a-x", "a-y", "b-x"), ("a", "b"), (0, 0, 1))


def given(seed: int = 0, rows: int = 30) -> MemberValues:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(4, rows, 3)).astype(np.float32)
    return MemberValues(values, rng.integers(0, 3, rows), np.array([7, 2])[np.arange(rows) % 2], TREE)


def test_a_subset_says_the_class_with_the_largest_sum() -> None:
    data = given()
    assert data.folds == (2, 7)
    assert len(data) == 4
    found = data.confusions((3, 0))
    for place, fold in enumerate(data.folds):
        rows = [row for row in range(30) if data.fold[row] == fold]
        said = [int((data.values[0, row] + data.values[3, row]).argmax()) for row in rows]
        np.testing.assert_array_equal(found[place], confusion_matrix(data.target[rows], np.array(said), 3))


def test_equal_sums_go_to_the_lowest_class() -> None:
    votes = np.array([[[0, 1, 0]], [[1, 0, 0]]], dtype=np.float32)
    data = MemberValues(votes, np.array([0]), np.array([0]), TREE)
    assert data.confusions((0, 1))[0, 0].tolist() == [1, 0, 0]


@pytest.mark.parametrize("name", DRAWABLE)
@pytest.mark.parametrize("rule", ["zero", "skip"])
def test_scores_are_those_of_the_metrics(name: str, rule: str) -> None:
    data = given(1)
    data.values[:, :, 2] = -9  # never said
    wanted = [evaluate_confusion(one, TREE, rule)[name] for one in data.confusions((0, 1, 2))]
    np.testing.assert_array_equal(data.score((0, 1, 2), name, rule), wanted)


def test_rows_can_be_taken() -> None:
    data = given(2)
    part = data.rows(data.fold == 7)
    assert part.folds == (7,)
    np.testing.assert_array_equal(part.confusions((1, 2))[0], data.confusions((1, 2))[1])


@pytest.mark.parametrize("members", [(), (0, 0), (4,), (-1, 2)])
def test_members_that_are_not_there_are_refused(members: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match=r"different ones of 0\.\.3"):
        given().confusions(members)


def test_an_unknown_score_is_refused() -> None:
    with pytest.raises(ConfigError, match="no score 'log_loss'"):
        given().score((0, 1), "log_loss")


def unchecked(values: np.ndarray, target: np.ndarray, fold: np.ndarray) -> None:
    """As in a program without checks of types."""
    made = object.__new__(MemberValues)
    for name, part in {"values": values, "target": target, "fold": fold, "taxonomy": TREE}.items():
        object.__setattr__(made, name, part)
    unwrap(MemberValues.__post_init__)(made)


def test_parts_that_do_not_fit_are_refused() -> None:
    data = given()
    with pytest.raises(AlignmentError, match="29 targets"):
        unchecked(data.values, data.target[1:], data.fold)
    with pytest.raises(AlignmentError, match="3 classes of 'tree'"):
        unchecked(data.values[:, :, :2], data.target, data.fold)
    with pytest.raises(InputError, match="no labelled row"):
        data.rows(np.zeros(30, dtype=bool))
    with pytest.raises(InputError, match="target -1 of row 3"):
        MemberValues(data.values, np.where(np.arange(30) == 3, -1, 0), data.fold, TREE)
    broken = data.values.copy()
    broken[2, 5, 1] = np.inf
    with pytest.raises(InputError, match="member 2 has values that are not finite"):
        MemberValues(broken, data.target, data.fold, TREE)
