"""`heterophony report`: the page of a run from the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Call = Callable[..., Any]


def test_a_page_with_players_beside_the_run_that_stays_as_it_is(
    heterophony: Call, run_folder: Path, corpus: Path, tmp_path: Path
) -> None:
    before = (run_folder / "report.html").read_bytes()
    page = tmp_path / "page.html"
    said = heterophony("report", run_folder, "--data", corpus, "--map", "none", "-o", page)
    assert (said.code, said.out) == (0, f"wrote {page}\n")
    text = page.read_text(encoding="utf-8")
    assert text.count("<audio ") > 5
    assert "was not asked for" in text
    assert (run_folder / "report.html").read_bytes() == before


def test_a_map_is_drawn_unless_it_is_not_wanted(heterophony: Call, run_folder: Path, tmp_path: Path) -> None:
    assert heterophony("report", run_folder, "-o", tmp_path / "p.html").code == 0
    assert "t-SNE, perplexity 3" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_what_is_wrong_is_said_in_one_line(heterophony: Call, run_folder: Path, tmp_path: Path) -> None:
    for arguments, message in (
        ((tmp_path,), "no run: there is no fold_<k>/predictions_test.npz in it"),
        ((run_folder, "-o", tmp_path / "no" / "p.html"), "there is no folder"),
        ((run_folder, "-o", tmp_path / "p.html", "--taxonomy", "bst"), "class"),
    ):
        said = heterophony("report", *arguments)
        assert said.code == 1
        assert message in said.err
        assert said.err.count("\n") == 1


def test_train_writes_down_what_was_asked_without_paths_of_this_machine(
    heterophony: Call, corpus: Path, tiny_recipe: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    arguments = ("--data", corpus, "--group", "uploader", "--seed", 7, "--fold", 0, "--jobs", 1, "--workers", 0)
    assert heterophony("train", tiny_recipe, *arguments, "--out", out).code == 0
    asked = json.loads((out / "command.json").read_text())
    assert asked["recipe"] == "…/tiny.yaml"
    assert asked["options"] == [
        ["--data", "…/manifest.csv"],
        ["--seed", "7"],
        ["--group", "uploader"],
        ["--fold", "0"],
    ]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert (
        "heterophony train recipe.yaml --data DATA --split split.csv --out ../again --group uploader --fold 0" in page
    )
    assert str(tmp_path) not in page
