import numpy as np
import pytest

from heterophony.metrics import per_class
from heterophony.report.charts import class_bars, confusion_chart, curves
from heterophony.taxonomy import TAU, from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "y", "x"])  # tree order: a c b
COUNTS = np.array([[3, 1, 0], [0, 0, 0], [2, 0, 2]])


def test_bars_stand_in_tree_order_and_show_the_hierarchical_scores() -> None:
    bars = class_bars(COUNTS, TREE)
    assert [(bar.name, bar.top, bar.samples) for bar in bars] == [("a", "x", 4), ("c", "x", 4)]
    scores = per_class(COUNTS, TREE)
    assert [bar.f1 for bar in bars] == [pytest.approx(scores.f1[label]) for label in (0, 2)]


def test_a_class_that_is_never_predicted_is_marked() -> None:
    (first, second) = class_bars(np.array([[2, 0, 0], [0, 0, 0], [2, 0, 0]]), TREE)
    assert (first.never, second.never) == (False, True)
    assert second.f1 == 0


def test_the_confusion_chart_is_turned_into_tree_order() -> None:
    chart = confusion_chart(COUNTS, TREE)
    assert chart.keys == ["a", "c", "b"]
    assert chart.blocks == [(0, 2, "x", 0), (2, 1, "y", 1)]
    assert {(cell.row, cell.column): (cell.count, cell.share, cell.right) for cell in chart.cells} == {
        (0, 0): (3, 0.75, True),
        (0, 2): (1, 0.25, False),
        (1, 0): (2, 0.5, False),
        (1, 1): (2, 0.5, True),
    }
    assert [(truth, said, cell.count) for cell, truth, _, said, _ in chart.worst] == [("c", "a", 2), ("a", "b", 1)]


def test_tops_are_blocks_even_where_the_index_order_scatters_them() -> None:
    chart = confusion_chart(np.eye(10, dtype=int), TAU)
    assert [(first, size, name) for first, size, name, _ in chart.blocks] == [
        (0, 3, "Indoor"),
        (3, 4, "Outdoor"),
        (7, 3, "Transportation"),
    ]


def test_a_curve_runs_from_its_lowest_to_its_highest_value() -> None:
    histories = [[{"epoch": 1, "loss": 3.0}, {"epoch": 2, "loss": 2.0}, {"epoch": 3, "loss": 1.0}], [{"loss": 2.0}]]
    (curve,) = curves(histories)
    assert (curve.title, curve.low, curve.high, curve.epochs) == ("loss", "1", "3", 3)
    assert curve.lines == [(0, "M0.0 0.0L150.0 75.0L300.0 150.0"), (1, "M0.0 75.0")]


def test_scores_of_some_epochs_are_joined_over_the_others() -> None:
    rows = [{"loss": 4.0}, {"loss": 3.0, "accuracy": 0.2}, {"loss": 2.0}, {"loss": 1.0, "accuracy": 0.6}]
    loss, accuracy = curves([rows])
    assert loss.epochs == accuracy.epochs == 4
    assert accuracy.lines == [(0, "M100.0 150.0L300.0 0.0")]


def test_what_is_no_number_is_not_drawn() -> None:
    assert curves([]) == []
    assert curves([[]]) == []
    assert curves([[{"epoch": 1, "note": "text", "flag": True, "loss": float("nan")}]]) == []
    assert [curve.title for curve in curves([[{"val_accuracy": np.float32(0.5), "note": "x"}]])] == ["val accuracy"]
