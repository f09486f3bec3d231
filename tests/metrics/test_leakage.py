"""Planted sources and groups with known counts, and a slow restatement."""

import numpy as np
import pytest

from heterophony.metrics.leakage import same_key, scores_without
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy

FLAT = Taxonomy("flat", ("a", "b"), ("a", "b"), (0, 1))


def test_a_row_whose_key_another_fold_has_is_doubtful() -> None:
    #                 0    1    2    3    4     5     6
    keys = ["x", "x", "y", "y", None, "z", "z"]
    fold = np.array([0, 1, 0, 0, 1, 1, -1])
    target = np.array([0, 1, 0, 0, 0, 1, -1])
    found = same_key(keys, target, fold)
    assert found.known.tolist() == [True, True, True, True, False, True, False]  # no key; never tested
    assert found.twin.tolist() == [1, 0, -1, -1, -1, 6, -1]  # "y" stays in one fold; "z" lies beside as well
    assert np.isnan(found.cosine).all()
    assert not found.equal.any()


def test_the_twin_has_the_same_class_where_one_of_them_has() -> None:
    found = same_key(["k"] * 4, np.array([1, 0, 1, 0]), np.array([0, 1, 2, 2]))
    assert found.twin.tolist() == [2, 3, 0, 1]


@pytest.mark.parametrize("seed", range(5))
def test_the_rule_row_by_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    keys = [None if key == 0 else f"g{key}" for key in rng.integers(0, 30, 80)]
    target, fold = rng.integers(-1, 3, 80), rng.integers(-1, 3, 80)
    found = same_key(keys, target, fold)
    for row in range(80):
        others = [i for i in range(80) if keys[row] and keys[i] == keys[row] and fold[i] != fold[row] >= 0]
        alike = [i for i in others if target[i] == target[row]]
        assert found.doubtful[row] == bool(others)
        assert found.twin[row] == (alike or others or [-1])[0]


def test_an_empty_table_has_no_twins() -> None:
    none = np.array([], dtype=np.int64)
    assert same_key([], none, none).twin.tolist() == []


@pytest.fixture
def table() -> Predictions:
    """Fold 0: right, right, wrong, wrong; fold 1: right, wrong, and a row of unknown class."""
    logits = np.zeros((7, 2), dtype=np.float32)
    logits[np.arange(7), [0, 1, 1, 0, 0, 1, 1]] = 1
    target, fold = np.array([0, 1, 0, 1, 0, 0, -1]), np.array([0, 0, 0, 0, 1, 1, 1])
    return Predictions(tuple("pqrstuv"), logits, target, fold, ("a", "b"))


def test_scores_are_means_over_the_folds_with_and_without_the_doubtful_rows(table: Predictions) -> None:
    assert scores_without(table, FLAT, {"p", "q"}, ["accuracy"]) == {"accuracy": (0.5, 0.25)}  # (0 + 1/2) / 2
    assert scores_without(table, FLAT, {"r", "s", "u"}, ["accuracy"]) == {"accuracy": (0.5, 1.0)}
    assert scores_without(table, FLAT, set(), ["accuracy"]) == {"accuracy": (0.5, 0.5)}


def test_a_fold_of_which_nothing_is_left_does_not_count(table: Predictions) -> None:
    assert scores_without(table, FLAT, {"t", "u"}, ["accuracy"]) == {"accuracy": (0.5, 0.5)}
    assert scores_without(table, FLAT, set("pqrstuv"), ["accuracy"]) == {"accuracy": (0.5, None)}


def test_without_labels_there_are_no_scores(table: Predictions) -> None:
    bare = Predictions(table.ids, table.logits, np.full(7, -1), table.fold, table.classes)
    assert scores_without(bare, FLAT, {"p"}, ["accuracy"]) == {}
