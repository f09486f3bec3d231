import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics import (
    DRAWABLE,
    METRICS,
    confusion_matrix,
    evaluate,
    evaluate_confusion,
    evaluate_folds,
    mean_and_spread,
)
from heterophony.predictions import Predictions, softmax
from heterophony.taxonomy import BST, from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])


@pytest.mark.shared_data
def test_all_published_runs_score_what_they_printed(shared_data: Path) -> None:
    table = np.load(shared_data / "bsd10k" / "published_predictions_folds0to3.npz", allow_pickle=False)
    printed = json.loads((shared_data / "bsd10k" / "published_metrics_folds0to3.json").read_text())
    assert tuple(table["classes"]) == BST.classes
    compared = 0
    for name, predicted in zip(table["systems"], table["prediction"], strict=True):
        for fold, wanted in printed[name].items():
            held = (table["fold"] == int(fold)) & (predicted >= 0)
            counts = confusion_matrix(table["target"][held], predicted[held], BST.n_classes)
            got = evaluate_confusion(counts, BST, never_predicted="skip")
            for metric, value in wanted.items():
                assert 100 * got[metric] == pytest.approx(value, abs=0.005 + 1e-9), f"{name}, fold {fold}: {metric}"
                compared += 1
    assert compared >= 81 * 3 * 8


@pytest.mark.shared_data
def test_the_golden_fold_of_the_baseline(shared_data: Path) -> None:
    table = np.load(shared_data / "bsd10k" / "published_predictions_folds0to3.npz", allow_pickle=False)
    predicted = table["prediction"][list(table["systems"]).index("baseline/both")]
    held = table["fold"] == 0
    scores = evaluate_confusion(confusion_matrix(table["target"][held], predicted[held], 23), BST)
    names = "accuracy top_accuracy macro_accuracy macro_top_accuracy hierarchical_accuracy hierarchical_precision "
    names += "hierarchical_recall hierarchical_f1"
    assert [round(100 * scores[name], 2) for name in names.split()] == [
        79.29, 88.14, 73.21, 83.87, 78.54, 79.21, 77.21, 77.86,
    ]  # fmt: skip


@pytest.mark.parametrize("name", DRAWABLE)
def test_a_stack_of_matrices_scores_as_each_of_them(name: str) -> None:
    stack = np.random.default_rng(6).integers(5, size=(2, 3, 3, 3))
    stack[0, 1, 2] = 0  # a class that does not occur
    stack[1, 0, :, 1] = 0  # and one that is never predicted
    got = DRAWABLE[name](stack, TREE)
    assert got.shape == (2, 3)
    each = [[evaluate_confusion(counts, TREE)[name] for counts in row] for row in stack]
    np.testing.assert_array_equal(got, each)


def test_every_metric_of_the_table_is_returned_and_points_at_its_function() -> None:
    scores = evaluate(np.eye(3), np.array([0, 1, 2]), TREE)
    assert set(METRICS) | {"samples", "classes_never_predicted"} == set(scores)
    for metric in METRICS.values():
        module, _, function = metric.where.partition(":")
        assert callable(getattr(import_module(module), function))


def test_logits_and_their_probabilities_score_the_same() -> None:
    logits = np.random.default_rng(3).normal(size=(40, 3)).astype(np.float32)
    target = np.arange(40) % 3
    assert evaluate(logits, target, TREE) == pytest.approx(
        evaluate(softmax(logits), target, TREE, kind="probabilities")
    )


def test_rows_without_a_target_do_not_count() -> None:
    logits = np.array([[2.0, 0, 0], [0, 2.0, 0], [0, 0, 2.0]])
    assert evaluate(logits, np.array([0, -1, 0]), TREE) == evaluate(logits[[0, 2]], np.array([0, 0]), TREE)
    with pytest.raises(InputError, match="no labelled sample"):
        evaluate(logits, np.full(3, -1), TREE)


def test_scores_that_are_no_probabilities_and_other_classes_are_refused() -> None:
    with pytest.raises(ConfigError, match="do not sum to 1"):
        evaluate(np.ones((2, 3)), np.array([0, 1]), TREE, kind="probabilities")
    with pytest.raises(AlignmentError, match="2 columns of scores, but 't' has 3 classes"):
        evaluate(np.ones((2, 2)), np.array([0, 1]), TREE)


def test_folds_are_scored_apart_and_summed_up_with_the_population_spread() -> None:
    logits = np.array([[2, 0, 0], [0, 2, 0], [0, 0, 2], [2, 0, 0], [0, 0, 2]], np.float32)
    target, fold = np.array([0, 1, 2, 1, -1]), np.array([0, 0, 1, 1, 2])
    table = Predictions(tuple("vwxyz"), logits, target, fold, TREE.classes)
    folds = evaluate_folds(table, TREE)
    assert {number: scores["accuracy"] for number, scores in folds.items()} == {0: 1.0, 1: 0.5}
    assert mean_and_spread(list(folds.values()))["accuracy"] == (0.75, 0.25)
    assert mean_and_spread([]) == {}
    with pytest.raises(AlignmentError, match="not over the classes of 't'"):
        evaluate_folds(Predictions(tuple("vwxyz"), logits, target, fold, ("a", "c", "b")), TREE)
