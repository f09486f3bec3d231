"""`heterophony extract`, end to end: trained encoders, then a graph on their vectors, on a small copy of TAU."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from heterophony.clips import read_collection, read_split, read_tau
from heterophony.encoders import scratch
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.encoders.vggish import Vggish
from heterophony.errors import InputError
from heterophony.predictions import Predictions
from heterophony.recipes.collection import Sources, Work, read_sources
from heterophony.recipes.cross_fit import rows_to_test, without
from heterophony.recipes.load import load_recipe
from heterophony.recipes.model_folder import load_model
from heterophony.recipes.prepare import Prepared, prepare
from heterophony.recipes.train import jobs_of
from heterophony.store import Store

Call = Callable[..., Any]
FIT = "augment: []\nfit: {epochs: 1, batch: 8, lr: 1.0e-2}\n"
BOTH = """name: both
extends: tau/segments
rows: {segments: {seconds: 1.0, count: 1, train: all}}
modalities: {sound: {encoder: vggish}, pictures: {encoder: vgg16-bigru}}
joint: {branches: {sound: {start: scratch}, pictures: {start: scratch}}}
model: {name: mlp, hidden: []}
"""
GRAPH = """name: graph
extends: graph/table2/dm
rows: {segments: {count: 1, train: all}}
model: {protocol: inductive, k: 3, hidden: [8, 8]}
fit: {epochs: 2, lr: 1.0e-2}
"""


@pytest.fixture(scope="module", autouse=True)
def tiny() -> Iterator[None]:
    """The two encoders, with a few channels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(scratch.SCRATCH, "vggish", partial(Vggish, (2, 2, 2, 2, 2, 4), (16, 16, 128)))
        patch.setitem(scratch.SCRATCH, "vgg16-bigru", partial(VggGru, 0, blocks=((2,), (2,), (4,), (4,), (8,))))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extract")
    (folder / "both.yaml").write_text(BOTH + FIT)
    (folder / "graph.yaml").write_text(GRAPH)
    return folder


@pytest.fixture
def out(heterophony: Call, folder: Path, tau_copy: Path) -> Path:
    """What the command leaves; it is called once."""
    if not (folder / "out").exists():
        how = ("--out", folder / "out", "--folds", 2, "--threads", 1)
        said = heterophony("extract", folder / "both.yaml", "--data", tau_copy, *how)
        assert said.code == 0, said.err
        assert "vectors.npz (30 rows out of fold, 6 test rows)" in said.out
        assert "no test part" not in said.err
        assert "fold 1, pictures: apart from the final model's vectors by" in said.err
    return folder / "out"


def sources(tau_copy: Path, store_folder: Path) -> Sources:
    return read_sources(read_collection(tau_copy), tau_copy, {}, {}, Work(store=Store(store_folder)))


@pytest.fixture
def known(out: Path, folder: Path, tau_copy: Path, store_folder: Path) -> Prepared:
    """What the command has trained on."""
    whole = prepare(load_recipe(str(folder / "both.yaml")), sources(tau_copy, store_folder))
    return without(whole, rows_to_test(whole, None), 2)


def test_every_row_has_vectors_and_only_training_rows_are_in_the_run(out: Path, tau_copy: Path) -> None:
    part_of = {f"{clip.id}#s0": clip.fold for clip in read_tau(tau_copy).clips}
    with np.load(out / "vectors.npz") as archive:
        found = dict(zip(archive["ids"].tolist(), archive["part"].tolist(), strict=True))
        assert found == {key: {"train": "out-of-fold", "test": "test"}[part or ""] for key, part in part_of.items()}
        assert {name: (archive[name].shape, archive[name].dtype.name) for name in ("sound", "pictures")} == {
            "sound": ((36, 128), "float32"),
            "pictures": ((36, 64), "float32"),
        }
        assert all(np.isfinite(archive[name]).all() for name in ("sound", "pictures"))
    inner, outer = read_split(out / "run" / "split.csv"), read_split(out / "split.csv")
    assert set(inner.ids) == {key for key, part in found.items() if part == "out-of-fold"}
    assert {outer.ids[row] for row in outer.parts(0)[2]} == {key for key, part in found.items() if part == "test"}
    assert not (out / "run" / "checkpoints").exists()
    facts, log = json.loads((out / "extract.json").read_text()), (out / "run" / "log.txt").read_text()
    assert (facts["align"], facts["rows"]) == ("procrustes", {"out-of-fold": 30, "test": 6})
    assert facts["encoders"] == {"sound": "vggish", "pictures": "vgg16-bigru"}
    assert len(facts["folds"]) == 4
    for one in facts["folds"]:
        assert 0 <= one["after"] < one["before"]
        assert f"fold {one['fold']}, {one['modality']}: apart from the final model's vectors by" in log


def test_vectors_of_the_test_part_are_those_of_the_saved_encoders(
    out: Path, tau_copy: Path, store_folder: Path
) -> None:
    saved = load_model(str(out / "run")).recipe
    assert all("@" in spec.encoder for spec in saved.modalities.values())
    embedded = {one.clip.id: one.vectors for one in sources(tau_copy, store_folder).embedded(saved)}
    with np.load(out / "vectors.npz") as archive:
        rows = np.flatnonzero(archive["part"] == "test").tolist()
        for name, apart in (("sound", 1e-2), ("pictures", 1e-4)):  # decoded sound is kept in 16 bits, so less equal
            wanted = np.stack([embedded[archive["ids"][row]][name] for row in rows])
            assert np.linalg.norm(archive[name][rows] - wanted) < apart * np.linalg.norm(wanted - wanted.mean(axis=0))


def test_the_label_of_a_row_teaches_nothing_of_its_own_vector(out: Path, known: Prepared, tmp_path: Path) -> None:
    """Fold 0 again, where the labels of the rows that it tests are others."""
    _, _, own = known.split.parts(0)
    target = known.samples.target.copy()
    target[own] = (target[own] + 1) % 10
    other = replace(known, samples=replace(known.samples, target=target), task=replace(known.task, threads=1))
    jobs_of(other, tmp_path, [0], model=False)[0].run()
    with np.load(out / "run" / "fold_0" / "embeddings.npz") as one, np.load(tmp_path / "fold_0/embeddings.npz") as two:
        assert (one["part"][own] == "test").all()
        for name in ("sound", "pictures"):
            np.testing.assert_array_equal(one[name], two[name])


def test_a_graph_is_trained_on_them(heterophony: Call, out: Path, folder: Path, tau_copy: Path, tmp_path: Path) -> None:
    given = [f"{name}={out / 'vectors.npz'}:{name}" for name in ("sound", "pictures")]
    features = [word for one in given for word in ("--features", one)]
    how = ("--data", tau_copy, "--out", tmp_path / "graph", "--jobs", 1, "--no-store")
    said = heterophony("train", folder / "graph.yaml", *how, *features)
    assert said.code == 0, said.err
    tested = Predictions.load(tmp_path / "graph" / "fold_0" / "predictions_test.npz")
    outer = read_split(out / "split.csv")
    assert set(tested.ids) == {outer.ids[row] for row in outer.parts(0)[2]}
    assert (tmp_path / "graph" / "model" / "config.json").is_file()


def test_an_interrupted_one_goes_on_and_without_a_test_part_all_is_out_of_fold(
    heterophony: Call, tau_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(path.stem for path in (tau_copy / "audio").iterdir())
    rows = [f"{tau_copy}/audio/{name}.wav,{name.split('-')[0]},{name.rpartition('-')[0]}" for name in names]
    (tmp_path / "data.csv").write_text("\n".join(["file_name,label,group", *rows]) + "\n")
    alone = "modalities: {sound: {encoder: vggish}}\njoint: {branches: {sound: {start: scratch}}}\n"
    (tmp_path / "ear.yaml").write_text(f"name: ear\n{alone}model: {{name: mlp, hidden: []}}\n{FIT}")
    how = ("--data", tmp_path / "data.csv", "--folds", 2, "--align", "none", "--threads", 1)
    command = ("extract", tmp_path / "ear.yaml", "--out", tmp_path / "out", *how)
    with monkeypatch.context() as patch:
        patch.setattr("heterophony.recipes.extract.gather", Mock(side_effect=InputError("interrupted")))
        assert "interrupted" in heterophony(*command).err
    assert not (tmp_path / "out" / "vectors.npz").exists()
    assert "there is something in it" in heterophony(*command).err
    said = heterophony(*command, "--resume")
    assert said.code == 0, said.err
    assert "no test part, so all vectors are out of fold" in said.err
    assert "they are left so" in said.err
    assert "gone on with after it was interrupted" in (tmp_path / "out" / "run" / "log.txt").read_text()
    with np.load(tmp_path / "out" / "vectors.npz") as archive:
        assert set(archive["part"].tolist()) == {"out-of-fold"}
        vectors = dict(zip(archive["ids"].tolist(), archive["sound"], strict=True))
    assert len(vectors) == 36
    for fold in range(2):
        with np.load(tmp_path / "out" / "run" / f"fold_{fold}" / "embeddings.npz") as made:
            for key, part, vector in zip(made["ids"].tolist(), made["part"], made["sound"], strict=True):
                assert np.array_equal(vector, vectors[key]) == (part == "test")


def test_what_cannot_be_extracted_is_refused(heterophony: Call, out: Path, folder: Path, tau_copy: Path) -> None:
    def said(recipe: object, *more: object) -> str:
        done = heterophony("extract", recipe, "--data", tau_copy, *more)
        assert done.code == 1
        return str(done.err)

    new = ("--out", folder / "new")
    assert "tau/segments: trains no encoders (`joint` or `finetune`)" in said("tau/segments", *new)
    assert "there is something in it; give a new folder" in said(folder / "both.yaml", "--out", out)
    assert "there is nothing to go on with" in said(folder / "both.yaml", "--out", out, "--resume")
    assert "no fold 2: this split has the folds 0 to 0" in said(folder / "both.yaml", *new, "--fold", 2)
    assert "3 classes have fewer than 11 clips" in said(folder / "both.yaml", *new, "--folds", 11)
    assert not (folder / "new").exists()
