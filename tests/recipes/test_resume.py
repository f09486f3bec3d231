"""Which folder is gone on with, and that every fit of a fold keeps its state in a file of its own."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from heterophony.clips import read_collection
from heterophony.encoders import scratch
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.encoders.vggish import Vggish
from heterophony.errors import InputError
from heterophony.recipes import fold
from heterophony.recipes.collection import Work, read_sources
from heterophony.recipes.cross_validate import run_fold
from heterophony.recipes.fold import Task, train_fold
from heterophony.recipes.jobs import one_thread
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.prepare import prepare
from heterophony.recipes.resume import begin, finish, is_begun, mark_started
from heterophony.recipes.samples import Samples
from heterophony.recipes.teach import teach_fold
from heterophony.recipes.trained import Trained
from heterophony.store import Store
from heterophony.taxonomy import from_pairs
from heterophony.training import Checkpoints, epoch


def samples(rows: int, seed: int, *, labelled: bool = True) -> Samples:
    rng = np.random.default_rng(seed)
    target = np.arange(rows) % 2
    return Samples(
        ids=tuple(f"{seed}-{row}" for row in range(rows)),
        texts=("",) * rows,
        groups=(None,) * rows,
        target=target if labelled else np.full(rows, -1),
        confidence=np.full(rows, np.nan, dtype=np.float32),
        sources=("" if labelled else "unlabelled",) * rows,
        vectors={"sound": (rng.normal(size=(rows, 4)) + target[:, None]).astype(np.float32)},
        present={"sound": np.ones(rows, dtype=np.bool_)},
    )


OWN, HELD, POOL = samples(30, 0), samples(12, 1), samples(20, 2, labelled=False)


def task(folder: Path, **keys: Any) -> Task:
    raw = {
        "name": "t",
        "modalities": {"sound": {"encoder": "yamnet"}},
        "model": {"name": "mlp", "hidden": [8]},
        "members": 2,
        "fit": {"epochs": 3, "batch": 8, "validation": "refit"},
        **keys,
    }
    return Task(
        recipe=as_recipe(raw),
        taxonomy=from_pairs("t", ["a", "b"]),
        dims={"sound": 4},
        checkpoints=Checkpoints(folder).below("fold_0"),
    )


def weights(trained: Trained) -> list[torch.Tensor]:
    return [x for member in trained.members for x in member.state_dict().values()]


PSEUDO = {"of": ["unlabelled"], "share": 0.5, "stages": "then-own", "then_epochs": 2}


@pytest.mark.parametrize(
    ("keys", "parts"),
    [
        ({}, ["member_0/last", "member_1/last", "refit/member_0/last", "refit/member_1/last"]),
        (
            {"pseudo": PSEUDO, "members": 1},
            [
                "member_0/own/last",
                "member_0/soft/last",
                "refit/member_0/own/last",
                "refit/member_0/soft/last",
                "teacher/member_0/last",
            ],
        ),
    ],
)
def test_every_fit_keeps_its_state_apart_and_none_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: dict[str, Any], parts: list[str]
) -> None:
    one = task(tmp_path, **keys)

    def run(chosen: Task) -> Trained:
        if chosen.recipe.pseudo is None:
            return train_fold(chosen, OWN, HELD, 5)[0]
        return teach_fold(chosen, OWN, POOL, HELD, 5)[0]

    without = run(replace(one, checkpoints=None))
    first = run(one)
    root = tmp_path / "fold_0"
    found = sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.safetensors"))
    assert found == parts
    monkeypatch.setattr(epoch, "train_step", lambda *given: pytest.fail("a finished fit was trained again"))
    second = run(one)
    for other in (first, second):
        assert all(torch.equal(a, b) for a, b in zip(weights(without), weights(other), strict=True))


def test_a_task_without_checkpoints_keeps_nothing(tmp_path: Path) -> None:
    one = replace(task(tmp_path), checkpoints=None)
    assert one.below("member_0") is one
    assert one.checkpoint("last") is None
    assert task(tmp_path).below("member_0").checkpoint("last") == tmp_path / "fold_0" / "member_0" / "last.safetensors"


def test_networks_are_trained_on_the_device_of_the_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(model: torch.nn.Module, *given: Any, **named: Any) -> None:
        raise RuntimeError(f"to be trained on {next(model.parameters()).device}")

    monkeypatch.setattr(fold, "fit", fit)
    with pytest.raises(RuntimeError, match="to be trained on meta"):
        train_fold(replace(task(tmp_path), device="meta"), OWN, HELD, 5)


def test_a_run_begins_is_interrupted_and_ends(tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert not is_begun(out, resume=True)
    assert begin(out).at("x") == out / "checkpoints" / "x.safetensors"
    (out / "log.txt").write_text("half a line")
    assert not is_begun(out, resume=True)  # killed before it had begun: it begins again
    assert not (out / "log.txt").exists()
    mark_started(out)
    assert is_begun(out, resume=True)
    with pytest.raises(InputError, match=r"run: there is something in it; give a new folder for the run, or --resume"):
        is_begun(out, resume=False)
    (out / "metrics.json").write_text("{}")
    finish(out)
    assert [path.name for path in out.iterdir()] == ["metrics.json"]
    with pytest.raises(InputError, match="the run in it is finished: there is nothing to go on with"):
        is_begun(out, resume=True)


def test_a_folder_without_checkpoints_is_not_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="no run in it keeps checkpoints: there is nothing to go on with"):
        is_begun(tmp_path, resume=True)


JOINT = {
    "name": "joint",
    "extends": "tau/segments",
    "modalities": {"sound": {"encoder": "vggish"}, "pictures": {"encoder": "vgg16-bigru"}},
    "joint": {
        "level": "embedding",
        "branches": {
            "sound": {"start": "scratch", "augment": [{"name": "additive-noise"}]},
            "pictures": {"start": "scratch"},
        },
    },
    "model": {"name": "mlp", "hidden": [8]},
    "augment": [{"name": "mixup", "alpha": 0.4}],
    "stages": [{"of": name, "fit": {"epochs": 2, "batch": 8}} for name in ("sound", "pictures")],
    "fit": {"epochs": 2, "batch": 8, "precision": "bfloat16"},
}


def test_a_joint_fold_that_was_stopped_in_any_stage_goes_on_to_the_same_bytes(
    tau_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(scratch.SCRATCH, "vggish", partial(Vggish, (2, 2, 2, 2, 2, 4), (16, 16, 128)))
    monkeypatch.setitem(scratch.SCRATCH, "vgg16-bigru", partial(VggGru, 0, blocks=((1,), (1,), (1,), (1,), (4,))))
    (tmp_path / "joint.yaml").write_text(yaml.safe_dump(JOINT))
    work = Work(store=Store(tmp_path / "store"))
    sources = read_sources(read_collection(tau_copy), tau_copy, {}, {}, work)
    ready = prepare(load_recipe(str(tmp_path / "joint.yaml")), sources)

    def run(kept: Checkpoints | None, stop_at: int = 0) -> tuple[Trained, list[dict[str, float]]]:
        seen = []

        def hear(fold: int, row: dict[str, float]) -> None:
            seen.append(row)
            if len(seen) == stop_at:
                raise KeyboardInterrupt

        with one_thread():
            whole = replace(ready.task, checkpoints=kept)
            return run_fold(whole, ready.samples, ready.split, 0, on_epoch=hear)[1], seen

    trained, rows = run(None)
    assert len(rows) == 6
    kept = Checkpoints(tmp_path / "kept")
    for stop_at in (2, 3, 3):  # in the second epoch of sound, of pictures, and of both
        with pytest.raises(KeyboardInterrupt):
            run(kept, stop_at)
    again, left = run(kept)
    assert len(left) == 1
    assert all(torch.equal(a, b) for a, b in zip(weights(trained), weights(again), strict=True))
