from dataclasses import replace

import numpy as np
import pytest

from heterophony.errors import ConfigError, InputError
from heterophony.metrics import evaluate_folds, intervals, mean_and_spread
from heterophony.metrics.class_rows import ClassRow, class_rows
from heterophony.metrics.scoreboard import scoreboard
from heterophony.predictions import Imported, Predictions
from heterophony.taxonomy import BST, TAU, Taxonomy, from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])
ESC = from_pairs("esc", [f"c{k:02d}" for k in range(50)], [f"t{k // 10}" for k in range(50)])


def guesses(tree: Taxonomy = TREE, rows: int = 60, said: str = "distribution") -> Imported:
    """Random answers over three folds, better than luck."""
    rng = np.random.default_rng(3)
    target = rng.integers(tree.n_classes, size=rows)
    logits = (rng.normal(size=(rows, tree.n_classes)) + 2 * np.eye(tree.n_classes)[target]).astype(np.float32)
    ids = tuple(f"s{row:03d}" for row in range(rows))
    table = Predictions(ids, logits, target, np.arange(rows) % 3, tree.classes)
    return Imported(table, said, tuple(f"u{row % 9}" for row in range(rows)))


@pytest.mark.parametrize("tree", [TREE, BST, TAU, ESC, from_pairs("flat", ["p", "q", "r"])], ids=lambda tree: tree.name)
def test_it_is_what_the_functions_of_the_room_say_for_trees_of_one_and_two_levels(tree: Taxonomy) -> None:
    given = guesses(tree, rows=400)
    board = scoreboard(given, tree, draws=20, seed=4)
    assert board.folds == evaluate_folds(given.predictions, tree)
    everything = mean_and_spread(list(board.folds.values()))
    assert board.scores == {name: everything[name] for name in board.scores}
    assert set(everything) - set(board.scores) == {"samples", "classes_never_predicted"}
    assert board.intervals == intervals(given.predictions, tree, draws=20, seed=4)
    assert (board.samples, board.unlabelled, board.left_out) == (400, 0, [])
    if tree.levels == 1:
        assert board.scores["top_accuracy"] == board.scores["accuracy"]
    assert sum(row.samples for row in board.classes) == sum(row.predicted for row in board.classes) == 400
    assert board.reliability is not None
    assert board.reliability.count.sum() == 400


def test_what_a_table_does_not_tell_is_left_out_and_said() -> None:
    full, scored, bare = (
        scoreboard(guesses(said=said), TREE, draws=0) for said in ("distribution", "top-score", "top")
    )
    assert set(full.scores) - set(scored.scores) == {"log_loss", "macro_log_loss"}
    assert set(scored.scores) - set(bare.scores) == {"calibration_error", "aurc"}
    assert bare.reliability is None
    assert scored.left_out == ["log-losses: the table has the score of the top class only, not of all classes"]
    assert bare.left_out == ["log-losses, calibration, risk over coverage: the table has no scores"]
    given = guesses()
    unknown = replace(given.predictions, target=np.where(np.arange(60) < 6, -1, given.predictions.target))
    board = scoreboard(replace(given, predictions=unknown), TREE, draws=0)
    assert (board.samples, board.unlabelled) == (54, 6)
    assert board.left_out == ["6 of 60 rows: no known target"]
    wider = from_pairs("wide", ["a", "b", "c", "d"], ["x", "x", "y", "y"])
    logits = np.pad(given.predictions.logits, ((0, 0), (0, 1)))
    four = replace(given, predictions=replace(given.predictions, logits=logits, classes=wider.classes))
    board = scoreboard(four, wider, draws=0)
    assert board.left_out == ["1 of 4 classes: no row is of them, the means do not count them: d"]


def never_b() -> Imported:
    """Two folds; in the second b occurs and is never predicted (the worked example: 3 of 4 right)."""
    said, target = np.array([0, 1, 2, 0, 0, 0, 2]), np.array([0, 1, 2, 0, 0, 1, 2])
    table = Predictions(
        tuple("abcdefg"), np.eye(3, dtype=np.float32)[said], target, np.array([0, 0, 0, 1, 1, 1, 1]), TREE.classes
    )
    return Imported(table, "top", (None,) * 7)


def test_both_rules_are_there_where_they_differ() -> None:
    zero = scoreboard(never_b(), TREE, draws=0)
    skip = scoreboard(never_b(), TREE, never_predicted="skip", draws=0)
    names = ("hierarchical_precision", "hierarchical_recall", "hierarchical_f1")
    assert zero.other_rule == {name: skip.scores[name] for name in names}
    assert skip.other_rule == {name: zero.scores[name] for name in names}
    # Fold 0 is all right; in fold 1 hR of a, b, c is 1, 0.375, 1: the mean of three, or of the two that are predicted.
    assert zero.scores["hierarchical_recall"][0] == pytest.approx((1 + 2.375 / 3) / 2)
    assert skip.scores["hierarchical_recall"][0] == pytest.approx((1 + 2 / 2) / 2)
    assert [row.never_in for row in zero.classes] == [(), (1,), ()]
    assert scoreboard(guesses(), TREE, draws=0).other_rule == {}


def test_the_intervals_follow_the_rule_and_the_groups() -> None:
    given = guesses()
    drawn = scoreboard(given, TREE, by_group=True, draws=20)
    assert drawn.by_group
    assert drawn.intervals == intervals(given.predictions, TREE, groups=given.groups, draws=20)
    skipped = scoreboard(replace(never_b(), said="distribution"), TREE, never_predicted="skip", draws=20)
    assert skipped.intervals["hierarchical_f1"].value == skipped.scores["hierarchical_f1"][0]


def test_a_fold_of_one_row_has_no_intervals_and_says_so() -> None:
    given = guesses()
    one = replace(given.predictions, fold=np.where(np.arange(60) == 0, 7, 0))
    board = scoreboard(replace(given, predictions=one), TREE)
    assert board.intervals == {}
    assert board.left_out == ["intervals: metrics: fold 7 has a single row or group; draw by row, or join folds"]


def test_what_cannot_be_scored_is_refused() -> None:
    given = guesses()
    with pytest.raises(InputError, match="none of 60 rows has a known target; give a column 'target'"):
        scoreboard(replace(given, predictions=replace(given.predictions, target=np.full(60, -1))), TREE)
    with pytest.raises(ConfigError, match="no row has a group that could be drawn"):
        scoreboard(replace(given, groups=(None,) * 60), TREE, by_group=True)


def test_the_rows_of_the_classes_count_all_folds_together() -> None:
    rows = class_rows(never_b().predictions, TREE)
    # b is called a once: hP of a is (3 + 0.375) / 4, hR of b (1 + 0.375) / 2.
    assert [row.hierarchical_f1 for row in rows[:2]] == pytest.approx([2 * 0.84375 / 1.84375, 2 * 0.6875 / 1.6875])
    assert rows[0] == ClassRow("a", 3, 4, 0.75, 1.0, rows[0].hierarchical_f1, ())
    assert rows[1] == ClassRow("b", 2, 1, 1.0, 0.5, rows[1].hierarchical_f1, (1,))
    absent = class_rows(never_b().predictions.take(np.array([0, 2])), TREE)[1]
    assert absent == ClassRow("b", 0, 0, None, None, None, ())
