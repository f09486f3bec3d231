import json

import numpy as np

from heterophony.metrics.scoreboard import scoreboard
from heterophony.predictions import Imported, Predictions
from heterophony.report.scoreboard_text import (
    both_rules,
    class_table,
    never_text,
    reliability_table,
    score_table,
    scoreboard_json,
    shown,
)
from heterophony.taxonomy import from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])


def given(said: str = "distribution", folds: int = 2, *, lazy: bool = False) -> Imported:
    """40 rows, the first 30 right; a lazy model never says b."""
    target = np.arange(40) % 3
    answer = np.where(np.arange(40) < 30, target, (target + 1) % 3)
    answer = np.where(answer == 1, 0, answer) if lazy else answer
    logits = 3 * np.eye(3, dtype=np.float32)[answer]
    table = Predictions(tuple(map(str, range(40))), logits, target, np.arange(40) % folds, TREE.classes)
    return Imported(table, said, (None,) * 40)


def test_scores_with_spread_and_interval_or_the_value_alone() -> None:
    lines = score_table(scoreboard(given(), TREE, draws=50))
    assert lines[0] == ("metric", "mean ± std over folds", "95 % interval, rows drawn")
    assert lines[1][:2] == ("accuracy", "75.00 ± 0.00")
    assert lines[1][2].startswith("[")
    cells = {line[0]: line[1:] for line in lines}
    assert cells["log-loss (lower is better)"][1] == ""
    alone = score_table(scoreboard(given(folds=1), TREE, draws=0))
    assert alone[0] == ("metric", "value")
    assert alone[1] == ("accuracy", "75.00")
    assert not [line for line in score_table(scoreboard(given("top"), TREE, draws=0)) if "log-loss" in line[0]]


def test_classes_and_the_mark_of_those_never_predicted() -> None:
    lines = class_table(scoreboard(given(lazy=True), TREE, draws=0))
    assert lines[0] == ("class", "n", "predicted", "precision", "recall", "hier. F1", "never predicted")
    assert lines[2] == ("b", "13", "0", "-", "0.0", "0.0", "in fold 0, 1")
    assert class_table(scoreboard(given(lazy=True, folds=1), TREE, draws=0))[2][-1] == "never"
    assert {line[-1] for line in class_table(scoreboard(given(), TREE, draws=0))[1:]} == {""}


def test_both_rules_with_the_number_of_classes() -> None:
    board = scoreboard(given(lazy=True), TREE, draws=0)
    head, *lines = both_rules(board)
    assert head == (
        "1 class is never predicted in 2 of 2 folds", "they count 0 (zero)", "they are left out (skip)",
    )  # fmt: skip
    assert [line[0] for line in lines] == ["hierarchical precision", "hierarchical recall", "hierarchical F1"]
    assert all(float(line[1].split()[0]) < float(line[2].split()[0]) for line in lines)
    assert both_rules(scoreboard(given(), TREE, draws=0)) == []
    assert never_text(scoreboard(given(), TREE, draws=0)) == "every class that occurs is predicted in every fold"
    assert never_text(scoreboard(given(folds=1), TREE, draws=0)) == "every class that occurs is predicted"


def test_reliability_is_there_where_scores_are() -> None:
    lines = reliability_table(scoreboard(given(), TREE, draws=0))
    sure = f"{100 * np.exp(3) / (np.exp(3) + 2):.1f}"
    assert lines == [("sure of", "right", "n"), (sure, "75.0", "40")]
    assert reliability_table(scoreboard(given("top"), TREE, draws=0)) == []


def test_json_has_everything_and_no_number_that_json_lacks() -> None:
    board = scoreboard(given(lazy=True), TREE, draws=20)
    content = json.loads(json.dumps(scoreboard_json(board), allow_nan=False))
    assert content["scores"]["accuracy"] == {"mean": board.scores["accuracy"][0], "std": board.scores["accuracy"][1]}
    assert set(content["folds"]) == {"0", "1"}
    assert content["classes"][1]["precision"] is None
    assert content["classes"][1]["never_in"] == [0, 1]
    assert content["intervals"]["accuracy"]["draws"] == 20
    assert sum(content["reliability"]["count"]) == 40
    assert json.loads(json.dumps(scoreboard_json(scoreboard(given("top"), TREE, draws=0))))["reliability"] is None


def test_per_cent_but_nats() -> None:
    assert shown("macro_log_loss", 0.6584, 0.01) == "0.658 ± 0.010"
    assert shown("aurc", 0.0659) == "6.59"
