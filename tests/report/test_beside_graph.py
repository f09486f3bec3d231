"""What stands beside a graph model on its page: scores, paired differences, neighbours."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import AlignmentError
from heterophony.predictions import Predictions
from heterophony.report.beside_graph import beside_graph
from heterophony.report.run_page import RunPageSettings, write_run_page
from heterophony.report.run_record import RunRecord

Record = Callable[..., RunRecord]
NAN = float("nan")
SHARES = [
    {"neighbours": 20.0, "homophily": 0.5, "expected": 0.25, "same_group": NAN, "training": 1.0},
    {"neighbours": 10.0, "homophily": 0.7, "expected": 0.25, "same_group": NAN, "training": 1.0},
]


def right(run: RunRecord) -> Predictions:
    """The run's clips, all of them right."""
    main = run.main
    return Predictions(main.ids, np.eye(3, dtype=np.float32)[main.target] * 4, main.target, main.fold, main.classes)


@pytest.fixture
def run(record: Record) -> RunRecord:
    plain = record()
    return record(controls={"mlp": right(plain), "odd-one": plain.main}, neighbours={"sound": SHARES})


def test_lines_are_scores_and_paired_differences(run: RunRecord) -> None:
    found = beside_graph(run, 50, 0)
    assert found is not None
    this, plain, odd = found.lines
    assert (this.title, this.accuracy, this.difference) == ("This model", ("80.00", "± 0.00"), "")
    assert (plain.title, plain.accuracy) == ("Plain network", ("100.00", "± 0.00"))
    loss = float(np.log(1 + 2 * np.exp(-4)))
    assert plain.log_loss == (f"{loss:.3f}", "± 0.000")
    value, low, high = (float(number) for number in re.findall(r"[+-][\d.]+", plain.difference))
    assert value == 20
    assert low < 20 < high
    assert (odd.title, odd.what, odd.difference) == ("odd one", "", "+0.00 [+0.00, +0.00]")


def test_neighbours_are_means_over_the_folds_of_what_is_known(run: RunRecord) -> None:
    found = beside_graph(run, 50, 0)
    assert found is not None
    (line,) = found.neighbours
    assert (line.modality, line.neighbours, line.homophily, line.expected) == ("sound", "15", "60 %", "25 %")
    assert (line.same_group, line.training) == ("–", "100 %")


def test_a_fold_of_one_group_has_no_interval(run: RunRecord, record: Record) -> None:
    ids = run.main.ids
    grouped = record(controls=run.controls, group_of=dict.fromkeys(ids[:30], "a") | dict.fromkeys(ids[30:], "b"))
    found = beside_graph(grouped, 50, 0)
    assert found is not None
    assert [line.difference for line in found.lines] == ["", "–", "–"]


def test_other_runs_have_no_such_section(run: RunRecord, record: Record, tmp_path: Path) -> None:
    assert beside_graph(record(), 50, 0) is None
    settings = RunPageSettings(map="none", draws=20)
    write_run_page(record(), tmp_path / "plain.html", settings)
    write_run_page(run, tmp_path / "graph.html", settings)
    plain, graph = ((tmp_path / name).read_text(encoding="utf-8") for name in ("plain.html", "graph.html"))
    assert 'id="graph"' not in plain
    assert 'href="#graph"' not in plain
    for wanted in ("What stands beside the graph", 'href="#graph"', "Plain network", "Who the neighbours", "60 %"):
        assert wanted in graph


def test_controls_of_other_clips_are_refused(record: Record) -> None:
    plain = record()
    with pytest.raises(AlignmentError):
        beside_graph(record(controls={"mlp": right(plain).take(np.arange(40))}), 20, 0)
