"""`heterophony ensemble` as people run it, with input that is wrong too."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heterophony.predictions import Predictions, read_predictions, tree_of_run

Call = Callable[..., Any]


def test_a_mean_of_runs_needs_no_option(heterophony: Call, ensemble_runs: list[Path], tmp_path: Path) -> None:
    said = heterophony("ensemble", *ensemble_runs, "--out", tmp_path / "out")
    assert said.code == 0
    assert "average of all, nothing chosen" in said.out
    assert "wrote" in said.out
    assert json.loads((tmp_path / "out" / "ensemble.json").read_text())["chosen_on"] == "nothing"


def test_greedy_selection_is_chosen_on_validation(heterophony: Call, ensemble_runs: list[Path], tmp_path: Path) -> None:
    options = ("--method", "greedy", "--steps", 4, "--random", 20, "--size", 2, "--out", tmp_path / "out")
    said = heterophony("ensemble", *ensemble_runs, *options)
    assert said.code == 0
    for words in ("in-sample, as papers", "nested: chosen on", "chosen on validation", "20 random subsets of 2"):
        assert words in said.out
    about = json.loads((tmp_path / "out" / "ensemble.json").read_text())
    assert (about["chosen_on"], about["mark"], about["settings"]["steps"]) == ("validation", "", 4)


def test_the_same_seed_writes_the_same_bytes(heterophony: Call, ensemble_runs: list[Path], tmp_path: Path) -> None:
    for name in ("one", "two"):
        options = ("--method", "bagged", "--bags", 2, "--steps", 3, "--seed", 3, "--out", tmp_path / name)
        heterophony("ensemble", *ensemble_runs, *options)
    for path in sorted((tmp_path / "one").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


def test_an_ensemble_is_a_run_for_the_next_one(heterophony: Call, ensemble_runs: list[Path], tmp_path: Path) -> None:
    heterophony("ensemble", *ensemble_runs[:2], "--out", tmp_path / "pair")
    said = heterophony("ensemble", tmp_path / "pair", ensemble_runs[2], "--out", tmp_path / "three")
    assert said.code == 0
    table = read_predictions(tmp_path / "three", tree_of_run(tmp_path / "three")).predictions
    assert len(table) == 90


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--method", "gredy"], "--method gredy: no such way to combine; did you mean greedy?"),
        (["--method", "mean", "--steps", "3"], "--method mean has no --steps; it has --of"),
        (["--score", "acuracy"], "--score acuracy: no such score; did you mean accuracy?"),
        (["--of", "lgits"], "--of lgits: there is no such thing; did you mean logits?"),
        (["--choose-on", "tset"], "--choose-on tset: wanted validation or test"),
        (["--taxonomy", "bist"], "--taxonomy bist: no such tree or CSV file; did you mean bst?"),
        (["--random", "5", "--size", "9"], "random subsets: 5 of size 9; wanted one or more, of 1 to 4 members"),
    ],
)
def test_wrong_options_say_what_to_try(
    heterophony: Call, ensemble_runs: list[Path], options: list[str], message: str
) -> None:
    said = heterophony("ensemble", *ensemble_runs, *options)
    assert said.code == 1
    assert message in said.err


def test_one_member_and_members_of_other_samples(heterophony: Call, ensemble_runs: list[Path], tmp_path: Path) -> None:
    said = heterophony("ensemble", ensemble_runs[0])
    assert said.code == 1
    assert "an ensemble needs two members or more" in said.err
    shutil.copytree(ensemble_runs[1], tmp_path / "less")
    path = tmp_path / "less" / "fold_0" / "predictions_test.npz"
    Predictions.load(path).take(np.arange(28)).save(path)
    said = heterophony("ensemble", ensemble_runs[0], tmp_path / "less")
    assert said.code == 1
    assert "run0 and less: predictions of different samples: the second lacks s84, s87" in said.err


def test_without_validation_nothing_is_chosen_unless_one_insists(
    heterophony: Call, ensemble_runs: list[Path], tmp_path: Path
) -> None:
    runs = [shutil.copytree(run, tmp_path / run.name) for run in ensemble_runs]
    for path in tmp_path.glob("*/fold_*/predictions_val.npz"):
        path.unlink()
    said = heterophony("ensemble", *runs, "--method", "greedy", "--out", tmp_path / "out")
    assert said.code == 1
    assert "no validation predictions of run0, run1, run2, run3: nothing honest to choose on" in said.err
    assert not (tmp_path / "out").exists()
    said = heterophony("ensemble", *runs, "--method", "greedy")
    assert said.code == 0
    assert "no choice on them" in said.out
    said = heterophony("ensemble", *runs, "--method", "greedy", "--out", tmp_path / "out", "--choose-on", "test")
    assert said.code == 0
    assert "(chosen on the test folds: optimistic)" in said.out


def test_a_folder_that_is_taken_is_left_alone(heterophony: Call, ensemble_runs: list[Path], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    said = heterophony("ensemble", *ensemble_runs, "--out", tmp_path)
    assert said.code == 1
    assert "there is something in it" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
