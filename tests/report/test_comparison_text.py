import json

import numpy as np
import pytest

from heterophony.metrics import Interval
from heterophony.metrics.compare_tables import Difference, Gap
from heterophony.metrics.scoreboard import Scoreboard, scoreboard
from heterophony.predictions import Imported, Predictions
from heterophony.report.comparison_text import (
    Compared,
    class_differences,
    comparison_json,
    difference_table,
    scores_side_by_side,
    verdict,
)
from heterophony.taxonomy import from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])
SURE = Gap(Interval(-0.0335, -0.0427, -0.0247, 1000, 0.005), 0.001)
LUCK = Gap(Interval(-0.0335, -0.07, 0.001, 1000, 0.02), 0.12)


def board(right: int, said: str = "top") -> Scoreboard:
    target = np.arange(12) % 3
    answer = np.where(np.arange(12) < right, target, 2)
    table = Predictions(
        tuple("abcdefghijkl"), np.eye(3, dtype=np.float32)[answer], target, np.arange(12) % 2, TREE.classes
    )
    return scoreboard(Imported(table, said, (None,) * 12), TREE, draws=0)


def test_scores_stand_side_by_side_and_what_one_lacks_is_a_dash() -> None:
    lines = scores_side_by_side({"one": board(12), "two": board(6, "distribution")})
    assert lines[0] == ("metric", "one", "two")
    assert lines[1][:2] == ("accuracy", "100.00 ± 0.00")
    cells = {line[0]: line[1:] for line in lines}
    assert cells["log-loss (lower is better)"][0] == "-"
    assert cells["log-loss (lower is better)"][1] != "-"


def test_differences_by_row_and_by_group_in_plain_words() -> None:
    compared = Compared(name="two", differences={"accuracy": Difference(SURE, LUCK)}, changed=(3, 1, 2))
    assert difference_table(compared)[1:] == [
        ("accuracy", "-3.35", "[-4.27, -2.47]", "0.001", "row", "worse, and not by luck of these clips"),
        ("accuracy", "-3.35", "[-7.00, +0.10]", "0.120", "group", "cannot be told from luck"),
    ]
    only = Compared(name="two", differences={"accuracy": Difference(SURE, None)}, changed=(3, 1, 2))
    assert len(difference_table(only)) == 2
    assert verdict(Gap(Interval(0.02, 0.01, 0.03, 100, 0.005), 0.01)).startswith("better")


def test_the_classes_of_both_with_their_gain() -> None:
    lines = class_differences(board(12), board(6))
    assert lines[0][:4] == ("class", "n", "hF first", "hF")
    assert lines[1] == ("a", "4", lines[1][2], "100.0", lines[1][4], "50.0", "100.0", "+50.0")
    assert float(lines[1][4]) == pytest.approx(100 - float(lines[1][2]), abs=0.11)


def test_json_names_both_and_keeps_the_words() -> None:
    compared = Compared(name="two", differences={"accuracy": Difference(SURE, None)}, changed=(3, 1, 2), note="why")
    (found,) = json.loads(json.dumps(comparison_json([compared], "one")))
    assert (found["table"], found["minus"], found["note"]) == ("two", "one", "why")
    assert found["differences"]["accuracy"]["by_row"]["p"] == 0.001
    assert found["differences"]["accuracy"]["by_group"] is None
    assert found["changed_answers"] == {"rows": 3, "only_this_right": 1, "only_first_right": 2}
