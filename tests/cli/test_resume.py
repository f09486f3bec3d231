"""`heterophony train --resume`: a run that SIGKILL ended goes on to the bytes of one that was left alone."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("killed_trains.py")
RECIPE = """
name: tiny
modalities: {sound: {encoder: yamnet}, words: {encoder: minilm}}
priors: {sound-prior: {kind: linear, of: sound}}
model: {dim: 8, hidden: 8}
augment: [{name: noise}, {name: mixup, alpha: 0.3}]
members: 2
fit: {epochs: 3, batch: 8, optimiser: sgd, lr: 0.05, schedule: restarts, validation: refit}
split: {folds: 3}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small collection of vectors, and what the script made of it."""
    folder, rng = tmp_path_factory.mktemp("resume"), np.random.default_rng(0)
    label = np.arange(36) % 3
    lines = [f"c{row},{'abc'[label[row]]},u{row // 3}" for row in range(36)]
    (folder / "rows.csv").write_text("\n".join(["id,label,uploader", *lines]) + "\n")
    centres = rng.normal(size=(2, 3, 6))
    vectors = (centres[:, label] + rng.normal(size=(2, 36, 6))).astype(np.float32)
    ids = np.array([f"c{row}" for row in range(36)])
    np.savez(folder / "vectors.npz", ids=ids, sound=vectors[0], words=vectors[1])
    (folder / "tiny.yaml").write_text(RECIPE)
    done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "ends.json").read_text()) == [0, -9, -9, 0], done.stderr
    return folder


def files(run: Path) -> dict[str, bytes]:
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in run.rglob("*") if path.is_file()}


def test_it_has_the_same_files_with_the_same_bytes(folder: Path) -> None:
    whole, run = files(folder / "whole"), files(folder / "run")
    assert sorted(whole) == sorted(run)
    assert [name for name in whole if whole[name] != run[name]] == ["log.txt"]
    assert "model/model.safetensors" in whole
    assert not any("checkpoints" in name for name in whole)


def test_the_log_differs_in_its_times_and_tells_of_the_interruption(folder: Path) -> None:
    whole, run = ((folder / name / "log.txt").read_text().splitlines() for name in ("whole", "run"))
    texts = [line[len("2000-01-01 00:00:00Z  ") :] for line in run]
    assert texts.count("gone on with after it was interrupted") == 2
    done = [line[len("2000-01-01 00:00:00Z  ") :] for line in whole]
    assert list(dict.fromkeys(text for text in texts if not text.startswith("gone on"))) == done


@pytest.fixture
def again(heterophony: Callable[..., Any], folder: Path, tmp_path: Path) -> Callable[..., Any]:
    """`again(run, *more)`: the same command on a copy of a run, with other words at its end."""

    def call(run: str, *more: str) -> Any:
        shutil.copytree(folder / run, tmp_path / "run", dirs_exist_ok=True)
        command = json.loads((folder / "command.json").read_text())
        before = Path.cwd()
        os.chdir(folder)
        try:
            return heterophony(*command, "--out", tmp_path / "run", *more)
        finally:
            os.chdir(before)

    return call


def test_without_resume_the_folder_is_taken(again: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    said = again("interrupted")
    assert said.code == 1
    assert "there is something in it; give a new folder for the run, or --resume" in said.err
    assert files(tmp_path / "run") == files(folder / "interrupted")


def test_a_finished_run_is_left_alone(again: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    said = again("whole", "--resume")
    assert said.code == 1
    assert "the run in it is finished: there is nothing to go on with" in said.err
    assert files(tmp_path / "run") == files(folder / "whole")


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (["--seed", "7"], "recipe: seed differs; --seed 7 is new"),
        (["--fold", "1"], "--fold 1 is new"),
        (["--group", "label"], "--group label is new"),
    ],
)
def test_another_run_is_refused(
    again: Callable[..., Any], folder: Path, tmp_path: Path, more: list[str], found: str
) -> None:
    said = again("interrupted", "--resume", *more)
    assert said.code == 1
    assert "the run in it is another one (" in said.err.replace("\n", " ")
    assert found in " ".join(said.err.split())
    assert files(tmp_path / "run") == files(folder / "interrupted")


def test_other_data_are_refused(again: Callable[..., Any], folder: Path) -> None:
    rows = folder / "rows.csv"
    text = rows.read_text()
    try:
        rows.write_text(text.replace("c0,a", "c0,b").replace("c1,b", "c1,a"))
        said = again("interrupted", "--resume")
    finally:
        rows.write_text(text)
    assert said.code == 1
    assert "data.json: other rows, labels, vectors or folds" in " ".join(said.err.split())


def test_other_versions_are_refused(again: Callable[..., Any], tmp_path: Path, folder: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(folder / "interrupted", run)
    there = json.loads((run / "versions.json").read_text())
    shutil.copytree(folder / "interrupted", folder / "older", dirs_exist_ok=True)
    (folder / "older" / "versions.json").write_text(json.dumps({**there, "torch": "1.0"}))
    said = again("older", "--resume")
    assert said.code == 1
    assert "torch 1.0, here " in " ".join(said.err.split())


def test_a_folder_of_something_else_is_left_alone(again: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    mine = folder / "mine"
    (mine / "checkpoints").mkdir(parents=True, exist_ok=True)
    (mine / "thesis.txt").write_text("all of it")
    said = again("mine", "--resume")
    assert said.code == 1
    assert "thesis.txt in it is not of a run that has just begun" in " ".join(said.err.split())
    assert (tmp_path / "run" / "thesis.txt").read_text() == "all of it"


@pytest.mark.parametrize(
    ("device", "message"), [("gpu", "wanted cpu, cuda, cuda:1"), ("cuda:9", "does not see it; it sees cpu 1")]
)
def test_a_device_that_is_not_there_is_refused_before_anything_is_done(
    heterophony: Callable[..., Any], folder: Path, tmp_path: Path, device: str, message: str
) -> None:
    out = tmp_path / "run"
    said = heterophony("train", folder / "tiny.yaml", "--data", folder / "rows.csv", "--out", out, "--device", device)
    assert said.code == 1
    assert message in " ".join(said.err.split())
    assert not out.exists()


@pytest.mark.slow
def test_processes_of_a_killed_run_end_and_it_is_gone_on_with(folder: Path, tmp_path: Path) -> None:
    out, command = tmp_path / "run", json.loads((folder / "command.json").read_text())
    command[command.index("--jobs") + 1] = "2"
    call = [sys.executable, "-m", "heterophony", *command, "--out", str(out)]
    run = subprocess.Popen(call, cwd=folder, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 200
    while not list(out.glob("checkpoints/fold_*/member_1/last.safetensors")):
        assert time.monotonic() < deadline
        assert run.poll() is None
        time.sleep(0.01)
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    run.kill()
    assert run.wait() == -9
    assert len(children) >= 2
    while any(alive(child) for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    subprocess.run([*call, "--resume"], cwd=folder, check=True, capture_output=True)
    whole, again = files(folder / "whole"), files(out)
    assert sorted(whole) == sorted(again)
    assert [name for name in whole if whole[name] != again[name]] == ["log.txt"]


def alive(process: str) -> bool:
    """Whether a process runs; one that nobody has asked how it ended does not."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
