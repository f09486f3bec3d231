"""Fits that are killed go on to the same bytes; what is no checkpoint of a fit is refused."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from heterophony.augment import Noise
from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.losses import CrossEntropy
from heterophony.training import FitSettings, fit, seeded
from heterophony.training.checkpoint import Checkpoints

SCRIPT = Path(__file__).with_name("killed_runs.py")
CASES = ["adam", "momentum", "half", "ahead", "frozen", "plateau", "patience", "alone"]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("case", CASES)
def test_a_fit_that_was_killed_three_times_has_the_bytes_of_one_that_was_not(killed: Path, case: str) -> None:
    ends = json.loads((killed / "ends.json").read_text())
    assert list(ends) == CASES
    assert ends[case] == [0, -9, -9, -9, 0, 0]  # twice in the middle of an epoch, once while a checkpoint was written
    for kind in ("safetensors", "json"):
        whole = (killed / f"{case}-whole.{kind}").read_bytes()
        assert (killed / f"{case}-resumed.{kind}").read_bytes() == whole
        assert (killed / f"{case}-again.{kind}").read_bytes() == whole


@pytest.mark.parametrize("case", CASES)
def test_only_what_was_not_done_is_trained(killed: Path, case: str) -> None:
    whole, resumed, again = (
        int((killed / f"{case}-{kind}.batches").read_text()) for kind in ("whole", "resumed", "again")
    )
    epochs = len(json.loads((killed / f"{case}-whole.json").read_text())["rows"])
    assert epochs == (7 if case == "patience" else 6)  # patience ends it before its 8
    assert resumed == whole * (epochs - 2) // epochs  # two epochs were kept, whole
    assert again == 0


def test_a_finished_fit_keeps_no_more_than_is_needed(killed: Path) -> None:
    with safe_open(killed / "adam.checkpoint.safetensors", "pt") as file:
        names = {name.partition(".")[0] for name in file.keys()}  # noqa: SIM118
        content = json.loads(file.metadata()["heterophony"])
    assert names == {"model", "chance"}
    assert content["finished"] is True
    assert list(killed.glob(".*.part")) == []  # what a killed process had begun to write was written over


def run(
    table: Batch,
    path: Path | None,
    linear_model: Callable[[int, int], torch.nn.Module],
    seed: int = 0,
    **settings: object,
) -> tuple[dict[str, torch.Tensor], list[dict[str, float]]]:
    with seeded(seed):
        model = linear_model(16, 3)
    history = fit(
        model,
        table,
        table,
        loss=CrossEntropy(),
        augment=[Noise()],
        settings=FitSettings(**{"epochs": 3, **settings}),
        score=lambda logits, target: {"accuracy": float((logits.argmax(axis=1) == target).mean())},
        generator=torch.Generator().manual_seed(5),
        checkpoint=path,
    )
    return model.state_dict(), history.rows


def test_keeping_the_state_changes_nothing(blobs, linear_model, tmp_path):
    table = blobs(100, modalities=1)
    without, rows = run(table, None, linear_model)
    kept, same = run(table, tmp_path / "a" / "b.safetensors", linear_model)
    assert rows == same
    assert all(torch.equal(x, kept[name]) for name, x in without.items())


def test_the_same_fit_leaves_the_same_checkpoint(blobs, linear_model, tmp_path):
    table, paths = blobs(100, modalities=1), [tmp_path / "one.safetensors", tmp_path / "two.safetensors"]
    for path in paths:
        run(table, path, linear_model)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("rows", "change", "match"),
    [
        (100, {"lr": 0.5}, r"kept\.safetensors: the checkpoint of another fit \(lr 0.001, here 0.5\); delete it"),
        (100, {"epochs": 9, "clip": 1.0}, r"\(epochs 3, here 9; clip None, here 1.0\)"),
        (101, {}, r"\(training rows 100, here 101; validation rows 100, here 101\)"),
        (100, {"seed": 1}, r"\(first weights differ\)"),
    ],
)
def test_the_checkpoint_of_another_fit_is_refused(blobs, linear_model, tmp_path, rows, change, match):
    path = tmp_path / "kept.safetensors"
    run(blobs(100, modalities=1), path, linear_model)
    before = path.read_bytes()
    with pytest.raises(ModelError, match=match):
        run(blobs(rows, modalities=1), path, linear_model, **change)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"something else", None])
def test_what_is_no_checkpoint_is_refused(blobs, linear_model, tmp_path, content):
    path = tmp_path / "kept.safetensors"
    run(blobs(100, modalities=1), path, linear_model)
    path.write_bytes(path.read_bytes()[:-3] if content is None else content)
    with pytest.raises(ModelError, match=r"kept\.safetensors: not a checkpoint .*; delete it to train anew"):
        run(blobs(100, modalities=1), path, linear_model)


def test_every_fit_has_a_file_of_its_own(tmp_path):
    kept = Checkpoints(tmp_path)
    assert kept.at("a/b") == tmp_path / "a" / "b.safetensors"
    assert kept.below("fold_0").below("member_1").at("stage_0") == kept.at("fold_0/member_1/stage_0")
