import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

GOLDEN = ("baseline/both", "whisper/audio", "matpac/both", "conf3/both")
TREE = "key,parent\nx,\ny,\na,x\nb,x\nc,y\n"
ROWS = "id,target,prediction,score,fold,uploader\n" + "".join(
    f"k{row},{'abc'[row % 3]},{'abc'[(row + (row % 5 == 0)) % 3]},{0.9 if row % 5 else 0.5},{row % 2},u{row % 7}\n"
    for row in range(40)
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "tree.csv").write_text(TREE, encoding="utf-8")
    (tmp_path / "p.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path / "p.csv"


def test_what_is_printed(heterophony: Callable[..., Any], table: Path) -> None:
    said = heterophony("evaluate", table, "--taxonomy", table.parent / "tree.csv", "--draws", "50")
    assert said.code == 0, said.err
    assert f"{table}: 40 rows, 3 classes of 'tree', folds 0, 1" in said.out
    assert "top class, and its probability in 'score'" in said.out
    assert "mean ± std over folds  95 % interval, rows drawn" in said.out
    assert "accuracy" in said.out
    assert "80.00 ± 0.00" in said.out
    assert "every class that occurs is predicted in every fold" in said.out
    assert "never predicted" in said.out
    assert "sure of" in said.out
    assert "left out: log-losses: the table has the score of the top class only" in said.out


def test_one_json_document_with_everything(heterophony: Callable[..., Any], table: Path) -> None:
    tree = ("--taxonomy", table.parent / "tree.csv")
    said = heterophony("evaluate", table, *tree, "--json", "--draws", "50", "--by-group")
    content = json.loads(said.out)
    (found,) = content["tables"]
    assert content["taxonomy"]["classes"] == ["a", "b", "c"]
    assert found["scores"]["accuracy"] == {"mean": 0.8, "std": 0.0}
    assert found["scores"]["calibration_error"]["mean"] == pytest.approx(0.8 * 0.1 + 0.2 * 0.5)
    assert found["intervals_draw"] == "groups"
    assert found["intervals"]["accuracy"]["draws"] == 50
    assert "log_loss" not in found["scores"]
    assert said.out == heterophony("evaluate", table, *tree, "--json", "--draws", "50", "--by-group").out


def test_a_run_needs_no_tree_and_several_files_are_scored_in_turn(
    heterophony: Callable[..., Any], run_folder: Path
) -> None:
    fold = run_folder / "fold_0" / "predictions_test.npz"
    said = heterophony("evaluate", run_folder, fold, "--draws", "0", "--json")
    whole, part = json.loads(said.out)["tables"]
    assert len(whole["folds"]) == 3
    assert "macro_log_loss" in whole["scores"]
    assert part["folds"]["0"] == whole["folds"]["0"]
    assert heterophony("evaluate", run_folder, fold, "--draws", "0").out.count("metric") == 2


def test_both_rules_are_printed_where_they_differ(heterophony: Callable[..., Any], table: Path) -> None:
    (table.parent / "lazy.csv").write_text("id,target,prediction\n1,a,a\n2,b,a\n3,c,c\n", encoding="utf-8")
    options = ("evaluate", table.parent / "lazy.csv", "--taxonomy", table.parent / "tree.csv", "--draws", "0")
    zero, skip = heterophony(*options).out, heterophony(*options, "--never-predicted", "skip").out
    assert "1 class is never predicted" in zero
    line = next(line for line in zero.splitlines() if line.startswith("hierarchical recall") and line.count(".") == 2)
    assert line.split()[-2:] == ["79.17", "100.00"]
    other = next(line for line in skip.splitlines() if line.startswith("hierarchical recall") and line.count(".") == 2)
    assert other.split()[-2:] == ["100.00", "79.17"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,target\nk,a\n", "no column for the predicted class"),
        ("id,target,prediction\nk,d,a\n", "bad.csv, line 2 (id k): target 'd'"),
        ("id,prediction\nk,a\n", "bad.csv: none of 1 rows has a known target; give a column 'target', or --labels"),
        ("", "bad.csv: it is empty"),
    ],
)
def test_what_is_wrong_ends_with_one_message(
    heterophony: Callable[..., Any], table: Path, text: str, message: str
) -> None:
    (table.parent / "bad.csv").write_text(text, encoding="utf-8")
    said = heterophony("evaluate", table.parent / "bad.csv", "--taxonomy", table.parent / "tree.csv")
    assert (said.code, said.out) == (1, "")
    assert message in said.err
    assert "Traceback" not in said.err


def test_labels_come_from_another_table(heterophony: Callable[..., Any], table: Path) -> None:
    (table.parent / "bare.csv").write_text("id,prediction\nk,a\nl,b\n", encoding="utf-8")
    (table.parent / "labels.csv").write_text("id,label\nk,a\nl,a\n", encoding="utf-8")
    more = ("--labels", table.parent / "labels.csv", "--taxonomy", table.parent / "tree.csv", "--draws", "0", "--json")
    said = heterophony("evaluate", table.parent / "bare.csv", *more)
    assert json.loads(said.out)["tables"][0]["scores"]["accuracy"]["mean"] == 0.5


@pytest.mark.shared_data
def test_published_tables_score_what_they_printed(
    heterophony: Callable[..., Any], shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "bsd10k"
    with np.load(folder / "published_predictions_folds0to3.npz", allow_pickle=False) as archive:
        stored = dict(archive)
    printed = json.loads((folder / "published_metrics_folds0to3.json").read_text(encoding="utf-8"))
    systems, keys = stored["systems"].tolist(), stored["classes"]
    never = {name for name in systems if _skips(stored, systems.index(name))}
    names = [*sorted(set(systems) & set(GOLDEN)), *sorted(never)]
    paths = []
    for name in names:
        row = systems.index(name)
        held = np.flatnonzero(stored["prediction"][row] >= 0)
        lines = ["sound_id,ground_truth,prediction,prediction_score,fold"]
        lines += [
            f"{stored['sound_id'][k]},{keys[stored['target'][k]]},{keys[stored['prediction'][row][k]]},"
            f"{stored['score_1e4'][row][k] / 1e4:.4f},{stored['fold'][k]}"
            for k in held
        ]
        paths.append(tmp_path / f"{name.replace('/', '_')}.csv")
        paths[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = heterophony("evaluate", *paths, "--taxonomy", "bst", "--never-predicted", "skip", "--json", "--draws", "0")
    assert said.code == 0, said.err
    compared = 0
    for name, found in zip(names, json.loads(said.out)["tables"], strict=True):
        assert bool(found["other_rule"]) == (name in never)
        for fold, wanted in printed[name].items():
            for metric, value in wanted.items():
                assert 100 * found["folds"][fold][metric] == pytest.approx(value, abs=0.005 + 1e-9), (
                    name,
                    fold,
                    metric,
                )
                compared += 1
    assert len(names) >= 4
    assert compared >= 4 * 3 * 8


def _skips(stored: dict[str, Any], row: int) -> bool:
    """Whether a run never predicts a class that occurs, in any fold."""
    said = stored["prediction"][row]
    return any(
        set(stored["target"][held]) - set(said[held])
        for held in ((stored["fold"] == fold) & (said >= 0) for fold in range(4))
    )
