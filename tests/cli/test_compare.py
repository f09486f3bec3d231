import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TREE = "key,parent\nx,\ny,\na,x\nb,x\nc,y\n"


@pytest.fixture
def tables(tmp_path: Path) -> Callable[..., Path]:
    """Writes a table in which every n-th of 60 answers is wrong."""
    (tmp_path / "tree.csv").write_text(TREE, encoding="utf-8")

    def write(name: str, wrong: int, rows: int = 60) -> Path:
        lines = [
            f"k{row},{'abc'[row % 3]},{'abc'[(row + (row % wrong == 0)) % 3]},{row % 2},u{row % 13}"
            for row in range(rows)
        ]
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(["id,target,prediction,fold,uploader", *lines]) + "\n", encoding="utf-8")
        return path

    return write


def test_scores_and_differences_in_plain_words(heterophony: Callable[..., Any], tables: Callable[..., Path]) -> None:
    first, near, far = tables("first", 10), tables("near", 11), tables("far", 2)
    said = heterophony("compare", first, near, far, "--taxonomy", first.parent / "tree.csv", "--draws", "200")
    assert said.code == 0, said.err
    assert "first.csv" in said.out.splitlines()[0]
    assert f"{far} minus {first}: 24 of 60 answers differ; 0 times only the former is right" in said.out
    blocks = said.out.split(" minus ")
    assert blocks[1].count("cannot be told from luck") == 2
    assert blocks[2].count("worse, and not by luck of these clips") == 2
    assert said.out.count("left out: log-losses") == 1


def test_one_json_document_of_scores_and_pairs(heterophony: Callable[..., Any], tables: Callable[..., Path]) -> None:
    first, other = tables("first", 10), tables("other", 4)
    tree = ("--taxonomy", first.parent / "tree.csv", "--draws", "99", "--json")
    options = (*tree, "--score", "accuracy", "--score", "macro_f1")
    content = json.loads(heterophony("compare", first, other, *options).out)
    assert [one["file"] for one in content["tables"]] == [str(first), str(other)]
    (pair,) = content["pairs"]
    assert (pair["table"], pair["minus"]) == (str(other), str(first))
    assert list(pair["differences"]) == ["accuracy", "macro_f1"]
    assert pair["differences"]["accuracy"]["by_row"]["value"] == pytest.approx(45 / 60 - 54 / 60)
    assert pair["differences"]["accuracy"]["by_group"]["p"] >= 1 / 100


def test_classes_are_shown_where_that_is_asked_for(
    heterophony: Callable[..., Any], tables: Callable[..., Path]
) -> None:
    first, other = tables("first", 10), tables("other", 4)
    tree = ("--taxonomy", first.parent / "tree.csv", "--draws", "20")
    assert "recall first" not in heterophony("compare", first, other, *tree).out
    assert "recall first" in heterophony("compare", first, other, *tree, "--classes").out


def test_a_run_is_compared_with_itself_without_a_tree(
    heterophony: Callable[..., Any], run_folder: Path, tmp_path: Path
) -> None:
    from heterophony.predictions import Predictions, pooled

    folds = [Predictions.load(path) for path in sorted(run_folder.glob("fold_*/predictions_test.npz"))]
    pooled(folds).save(tmp_path / "same.npz")
    said = heterophony("compare", run_folder, tmp_path / "same.npz", "--draws", "20", "--json")
    (pair,) = json.loads(said.out)["pairs"]
    found = pair["differences"]["hierarchical_f1"]
    assert found["by_row"]["value"] == 0
    assert found["by_row"]["p"] == found["by_group"]["p"] == 1
    assert found["by_row"]["verdict"] == "cannot be told from luck"


def test_what_cannot_be_compared_ends_with_one_message(
    heterophony: Callable[..., Any], tables: Callable[..., Path]
) -> None:
    first, short = tables("first", 10), tables("short", 10, rows=58)
    tree = ("--taxonomy", first.parent / "tree.csv")
    for arguments, message in (
        ((first,), "compare: one table; name two or more"),
        ((first, short), "lacks k58, k59"),
        ((first, short, "--score", "log_loss"), "no score 'log_loss' of confusion matrices"),
    ):
        said = heterophony("compare", *arguments, *tree)
        assert (said.code, said.out) == (1, "")
        assert message in said.err
