from html import unescape
from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import AlignmentError, InputError
from heterophony.predictions import Predictions
from heterophony.report.run_page import RunFacts, pooled_confusion, score_lines, write_run_page
from heterophony.taxonomy import BST, from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])
FACTS = RunFacts(name="<script>run</script>", facts={"data": "<b>m.csv</b>"})


@pytest.fixture
def table() -> Predictions:
    logits = np.array([[2, 0, 0], [0, 2, 0], [0, 0, 2], [2, 0, 0], [0, 0, 2]], np.float32)
    return Predictions(tuple("vwxyz"), logits, np.array([0, 1, 2, 1, -1]), np.array([0, 0, 1, 1, 1]), TREE.classes)


def test_the_page_shows_mean_and_population_spread_and_escapes_what_it_is_told(
    table: Predictions, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    write_run_page({"both": table, "sound <i>": table}, [[{"epoch": 1, "loss": 1.0}]], TREE, path, FACTS)
    text = path.read_text(encoding="utf-8")
    assert '<b>75.00</b> <span class="faint">± 25.00</span>' in text  # accuracy 1 and 0.5
    assert "&lt;script&gt;run" in text
    assert "&lt;b&gt;m.csv" in text
    assert "sound &lt;i&gt;" in text
    assert "<script" not in text
    assert "script-src 'none'" in unescape(text)
    assert "never predicted count as 0" in text
    assert "happens 1 time" in text  # class b in the second fold


def test_one_fold_has_no_spread_and_every_metric_has_a_line() -> None:
    (accuracy, *others) = score_lines({"both": [dict.fromkeys(_names(), 0.5)]})
    assert accuracy.values == [("50.00", "", "50.00")]
    assert [line.values[0][0] for line in others if "log-loss" in line.title] == ["0.500", "0.500"]


def test_rows_without_a_target_are_not_in_the_confusions(table: Predictions) -> None:
    np.testing.assert_array_equal(pooled_confusion(table), [[1, 0, 0], [1, 1, 0], [0, 0, 1]])


def test_a_run_without_history_or_facts_has_a_page(table: Predictions, tmp_path: Path) -> None:
    write_run_page({"both": table}, [], TREE, tmp_path / "r.html", RunFacts(name="run"))
    assert "How it learned" not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_predictions_without_targets_or_over_other_classes_are_refused(table: Predictions, tmp_path: Path) -> None:
    unknown = table.take(np.array([4]))
    with pytest.raises(InputError, match="needs predictions with known targets"):
        write_run_page({"both": unknown}, [], TREE, tmp_path / "r.html", FACTS)
    with pytest.raises(AlignmentError, match="not over the classes of 'bst'"):
        write_run_page({"both": table}, [], BST, tmp_path / "r.html", FACTS)


def _names() -> list[str]:
    from heterophony.metrics import METRICS

    return list(METRICS)
