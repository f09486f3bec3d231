"""Scores of development, by hand."""

import math

import numpy as np
import pytest

from heterophony.errors import AlignmentError, InputError
from heterophony.metrics import evaluate_folds, mean_and_spread
from heterophony.predictions import Predictions
from heterophony.predictions.imported import Imported
from heterophony.report.challenge_formats import FORMATS
from heterophony.report.challenge_results import development_scores
from heterophony.taxonomy import BST, TAU, Taxonomy

BST_TASK, TAU_TASK = FORMATS["dcase2026-task1"], FORMATS["dcase2021-task1b"]


def table(tree: Taxonomy, rows: list[tuple[str, str, int]], sure: float = 20.0) -> Predictions:
    """(true, predicted, fold) of each row."""
    target, said = (np.array([tree.index(row[at]) for row in rows]) for at in (0, 1))
    logits = sure * np.eye(tree.n_classes, dtype=np.float32)[said]
    fold = np.array([row[2] for row in rows])
    return Predictions(tuple(f"r{row}" for row in range(len(rows))), logits, target, fold, tree.classes)


def imported(predictions: Predictions, said: str = "distribution") -> Imported:
    return Imported(predictions, said, (None,) * len(predictions), ())


def test_half_right_under_the_right_top() -> None:
    rows = [("fx-h", "fx-h", 0), ("fx-h", "fx-a", 0), ("fx-h", "fx-h", 1), ("fx-h", "fx-h", 1), ("sp-s", "sp-s", 1)]
    found = development_scores(imported(table(BST, rows)), BST_TASK)
    # fold 0: recall (1 + 0.375) / 2, precision 1; fold 1: 1. sp-s is in fold 1 only.
    recall = (0.6875 + 1) / 2
    f1 = (2 * 0.6875 / 1.6875 + 1) / 2
    assert found.class_wise == {
        "fx-h": {"hP": 1.0, "hR": round(recall, 4), "hF": round(f1, 4)},
        "sp-s": {"hP": 1.0, "hR": 1.0, "hF": 1.0},
    }
    assert found.overall == {"hP": 1.0, "hR": round(recall, 4), "hF": round(f1, 4)}


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_the_overall_scores_are_those_of_the_room_of_metrics(form: object) -> None:
    rng = np.random.default_rng(3)
    tree = form.taxonomy
    target = rng.integers(0, tree.n_classes, 200)
    logits = rng.normal(size=(200, tree.n_classes)).astype(np.float32)
    ids = tuple(f"r{row}" for row in range(200))
    predictions = Predictions(ids, logits, target, rng.integers(0, 3, 200), tree.classes)
    found = development_scores(imported(predictions), form)
    wanted = mean_and_spread(list(evaluate_folds(predictions, tree).values()))
    assert found.overall == {measure: round(wanted[name][0], 4) for measure, name in form.measures.items()}
    assert set(found.class_wise) == set(tree.classes)


def test_log_loss_and_accuracy_of_each_scene() -> None:
    rows = [("tram", "tram", 0), ("tram", "bus", 0), ("bus", "bus", 0)]
    found = development_scores(imported(table(TAU, rows, sure=math.log(11))), TAU_TASK)
    right, wrong = math.log(20 / 11), math.log(20)  # e^log 11 against nine ones
    assert found.class_wise["tram"] == {"logloss": round((right + wrong) / 2, 4), "accuracy": 0.5}
    assert found.class_wise["bus"] == {"logloss": round(right, 4), "accuracy": 1.0}


def test_what_has_no_such_scores_is_refused() -> None:
    scenes = table(TAU, [("tram", "tram", 0)])
    with pytest.raises(InputError, match="probability for every class"):
        development_scores(imported(scenes, "top-score"), TAU_TASK)
    with pytest.raises(AlignmentError, match="not over the classes"):
        development_scores(imported(scenes), BST_TASK)
    bare = Predictions(scenes.ids, scenes.logits, np.array([-1]), scenes.fold, scenes.classes)
    with pytest.raises(InputError, match="no target is known"):
        development_scores(imported(bare), TAU_TASK)
