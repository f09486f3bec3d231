"""The numbers of a run as text."""

import numpy as np

from heterophony.metrics import METRICS
from heterophony.predictions import Predictions
from heterophony.report.score_table import never_predicted, score_lines
from heterophony.taxonomy import from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])


def test_one_fold_has_no_spread_and_every_metric_has_a_line() -> None:
    (accuracy, *others) = score_lines({"both": [dict.fromkeys(METRICS, 0.5)]})
    assert accuracy.values == [("50.00", "", "50.00")]
    assert [line.values[0][0] for line in others if "log-loss" in line.title] == ["0.500", "0.500"]
    assert len(others) == len(METRICS) - 1


def test_both_rules_are_told_of_the_variants_in_which_they_differ() -> None:
    target, fold = np.array([0, 1, 2, 0, 1, 2]), np.array([0, 0, 0, 1, 1, 1])
    right = Predictions(tuple("abcdef"), np.eye(3, dtype=np.float32)[target], target, fold, TREE.classes)
    said = np.array([0, 0, 2, 0, 1, 2])  # b is never predicted in fold 0
    odd = Predictions(tuple("abcdef"), np.eye(3, dtype=np.float32)[said], target, fold, TREE.classes)
    found = never_predicted({"good": right, "odd": odd}, TREE)
    assert found.total == 1
    assert found.each == [("odd", "1 · 0")]
    assert {line.variant for line in found.lines} == {"odd"}
    by_title = {line.title: line for line in found.lines}
    # Fold 0: hP_a = (1 + 0.375) / 2, hR_a = 1; b is 0 or left out; c is right. Fold 1: all right.
    f1 = 2 * 0.6875 / 1.6875
    assert by_title["hierarchical F1"].zero[0] == f"{100 * ((f1 + 1) / 3 + 1) / 2:.2f}"
    assert by_title["hierarchical F1"].skip[0] == f"{100 * ((f1 + 1) / 2 + 1) / 2:.2f}"


def test_a_fold_that_predicts_none_of_its_classes_has_no_score_without_them() -> None:
    target, fold = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    said = np.array([2, 2, 0, 1])
    lost = Predictions(tuple("abcd"), np.eye(3, dtype=np.float32)[said], target, fold, TREE.classes)
    found = never_predicted({"lost": lost}, TREE)
    assert (found.total, found.each) == (2, [("lost", "2 · 0")])
    assert {line.skip for line in found.lines} == {("–", "")}
    assert found.lines[0].zero[0] != "–"
