"""TAU Urban Audio-Visual Scenes 2021 from its folder to a challenge's package, on a small copy with real files."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from heterophony.clips import clip_of, read_split, read_tau
from heterophony.predictions import Predictions, softmax
from heterophony.report.challenge_zip import unpack
from heterophony.taxonomy import TAU

Call = Callable[..., Any]
SMALL = "model: {dim: 16, hidden: 32, dropout: 0.0}\naugment: []\nfit: {epochs: 30, batch: 8, lr: 1.0e-2}\n"


@pytest.fixture(scope="module")
def train_on(tau_copy: Path, tmp_path_factory: pytest.TempPathFactory, store_folder: Path) -> Callable[[str], Path]:
    """Trains a small recipe on the copy, once."""
    from heterophony.clips import read_collection
    from heterophony.recipes.collection import Work, read_sources
    from heterophony.recipes.load import load_recipe
    from heterophony.recipes.train import train
    from heterophony.store import Store

    out = tmp_path_factory.mktemp("tau_runs")

    def make(name: str) -> Path:
        if not (out / name).exists():
            more = "rows: {segments: {seconds: 1.0, count: 3}}\n" if name == "segments" else ""
            (out / f"{name}.yaml").write_text(f"name: {name}\nextends: tau/{name}\n{SMALL}{more}")
            sources = read_sources(read_collection(tau_copy), tau_copy, {}, {}, Work(store=Store(store_folder)))
            train(load_recipe(str(out / f"{name}.yaml")), sources, out / name)
        return out / name

    return make


def places(tau_copy: Path, ids: list[str]) -> set[str | None]:
    group = {clip.id: clip.group for clip in read_tau(tau_copy).clips}
    return {group[clip_of(key)] for key in ids}


@pytest.mark.parametrize(("name", "each"), [("clips", 1), ("segments", 3)])
def test_no_place_is_in_two_parts_and_the_test_part_is_the_official_one(
    train_on: Callable[[str], Path], tau_copy: Path, name: str, each: int
) -> None:
    split = read_split(train_on(name) / "split.csv")
    assert (split.folds, split.fixed_test) == (1, True)
    parts = [[split.ids[row] for row in rows] for rows in split.parts(0)]
    assert [len(part) for part in parts] == [24 * each, 6 * each, 6 * each]
    train, validation, test = (places(tau_copy, part) for part in parts)
    assert not train & validation
    assert not train & test
    assert not validation & test
    assert {clip_of(key) for key in parts[2]} == {clip.id for clip in read_tau(tau_copy).clips if clip.fold == "test"}
    leaks = json.loads((train_on(name) / "leakage.json").read_text())["checks"]["group"]
    assert (leaks["tested"], leaks["doubtful"]) == (6 * each, 0)


@pytest.mark.parametrize(("name", "each"), [("clips", 1), ("segments", 3)])
def test_scenes_that_are_told_by_ear_and_eye_are_learned(train_on: Callable[[str], Path], name: str, each: int) -> None:
    scores = json.loads((train_on(name) / "metrics.json").read_text())["mean_and_std"]["sound+pictures"]
    assert scores["accuracy"][0] == scores["macro_accuracy"][0] == 1.0
    assert scores["log_loss"][0] == pytest.approx(scores["macro_log_loss"][0], rel=1e-4), "the scenes are as many"
    table = Predictions.load(train_on(name) / "fold_0" / "predictions_test.npz")
    assert (len(table), table.classes) == (6 * each, TAU.classes)
    surprise = -np.log(softmax(table.logits)[np.arange(len(table)), table.target])
    assert scores["log_loss"][0] == pytest.approx(surprise.mean(), rel=1e-4)


def test_one_segment_of_each_clip_is_trained_on_and_the_test_part_is_not(train_on: Callable[[str], Path]) -> None:
    log = (train_on("segments") / "log.txt").read_text()
    assert "108 clips: 108 with sound, 108 with pictures; 0 refused" in log
    assert "final model: 30 rows" in log, "of 108 segments of 36 clips, 30 of which may be seen"
    assert "final model: 30 rows" in (train_on("clips") / "log.txt").read_text()


def test_segments_are_scored_and_pooled(heterophony: Call, train_on: Callable[[str], Path], tmp_path: Path) -> None:
    run = train_on("segments")
    alone = json.loads(heterophony("evaluate", run, "--json", "--draws", 0).out)["tables"][0]
    pooled = heterophony("evaluate", run, "--pool-segments", "log-probabilities", "--json", "--draws", 0)
    (table,) = json.loads(pooled.out)["tables"]
    assert (alone["samples"], table["samples"]) == (18, 6)
    assert "18 segments pooled to 6 clips by the mean of their log-probabilities" in table["notes"]
    refused = heterophony("evaluate", train_on("clips"), "--pool-segments", "probabilities")
    assert refused.code == 1
    assert "--pool-segments: no row of" in refused.err


def test_segments_and_clips_are_compared_only_when_pooled(heterophony: Call, train_on: Callable[[str], Path]) -> None:
    both = (train_on("clips"), train_on("segments"), "--score", "macro_accuracy", "--draws", 20)
    refused = heterophony("compare", *both)
    assert refused.code == 1
    assert "predictions of clips against predictions of segments: two different tasks; pool the segments" in refused.err
    said = heterophony("compare", *both, "--pool-segments", "probabilities")
    assert said.code == 0, said.err
    assert "of 6 answers differ" in said.out


@pytest.fixture
def predicted(heterophony: Call, train_on: Callable[[str], Path], tau_copy: Path, tmp_path: Path) -> dict[str, Path]:
    """An evaluation set, the test part alone and without labels, as the final model of the segments predicts it."""
    evaluation = tmp_path / "evaluation"
    (evaluation / "evaluation_setup").mkdir(parents=True)
    table = (tau_copy / "evaluation_setup" / "fold1_test.csv").read_bytes()
    (evaluation / "evaluation_setup" / "fold1_test.csv").write_bytes(table)
    for name in ("audio", "video"):
        (evaluation / name).symlink_to(tau_copy / name)
    how = ("--model", train_on("segments") / "model", "--workers", 0)
    said = heterophony("predict", evaluation, *how, "-o", tmp_path / "segments.npz")
    assert said.code == 0, said.err
    assert said.out.startswith("6 clips: 18 segments predicted, 0 refused")
    said = heterophony("predict", evaluation, *how, "-o", tmp_path / "clips.npz", "--pool-segments", "probabilities")
    assert said.out.startswith("6 clips: 6 predicted, 0 refused")
    return {name: tmp_path / f"{name}.npz" for name in ("segments", "clips")}


def test_predictions_of_segments_are_pooled_to_clips(predicted: dict[str, Path]) -> None:
    by_segment, by_clip = (softmax(Predictions.load(predicted[name]).logits) for name in ("segments", "clips"))
    assert by_clip == pytest.approx(by_segment.reshape(6, 3, 10).mean(axis=1), abs=1e-6)


def test_from_the_folder_to_the_output_file_of_the_challenge(
    heterophony: Call, train_on: Callable[[str], Path], tau_copy: Path, predicted: dict[str, Path], tmp_path: Path
) -> None:
    authors, package = tmp_path / "authors.yaml", tmp_path / "package.zip"
    authors.write_text(yaml.safe_dump(_authors()))
    known = ("--format", "dcase2021-task1b", "--data", tau_copy, "--meta", authors, "-o", package)
    said = heterophony("submit", predicted["clips"], *known, "--run", train_on("clips"))
    assert said.code == 0, said.err
    files = unpack(package)
    (name,) = (name for name in files if name.endswith("output.csv"))
    head, *rows = csv.reader(files[name].decode().splitlines(), delimiter="\t")
    assert head == ["filename", "scene_label", *TAU.classes]
    assert [row[0] for row in rows] == [clip.id for clip in read_tau(tau_copy).clips if clip.fold == "test"]
    wanted = softmax(Predictions.load(predicted["clips"]).logits)
    np.testing.assert_allclose([[float(cell) for cell in row[2:]] for row in rows], wanted, atol=1e-6)
    assert [row[1] for row in rows] == [TAU.classes[label] for label in wanted.argmax(axis=1)]
    assert heterophony("submit", predicted["segments"], *known).code == 1, "segments are no clips"


def _authors() -> dict[str, Any]:
    affiliation = {"abbreviation": "XY", "institute": "Institute of Sound"}
    described = {
        "input_sampling_rate": "48 kHz",
        "audio_representation": "YAMNet",
        "visual_representation": "EfficientNet-Lite0",
        "data_augmentation": ["none"],
        "machine_learning_method": "HATR",
        "external_data_usage": "pre-trained models",
    }
    system = {
        "name": "One",
        "abbreviation": "one",
        "description": described,
        "complexity": {"total_parameters": 20_000},
    }
    author = {"lastname": "Kim", "firstname": "Ae", "email": "ae@xy.org", "affiliation": affiliation}
    return {"label": "Kim_XY", "authors": [author], "systems": [system]}


def test_missing_files_are_told_and_the_other_modality_decides(
    heterophony: Call, train_on: Callable[[str], Path], tau_copy: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    (folder / "evaluation_setup").mkdir(parents=True)
    first, second, *_ = (clip.id for clip in read_tau(tau_copy).clips if clip.fold == "test")
    names = (first, second)
    rows = "".join(f"audio/{name}.wav\tvideo/{name}.mp4\r" for name in names)
    table = folder / "evaluation_setup" / "fold1_test.csv"
    table.write_text(f"filename_audio\tfilename_video\r{rows}", newline="")
    for name in ("audio", "video"):
        (folder / name).mkdir()
    (folder / "audio" / f"{first}.wav").symlink_to(tau_copy / "audio" / f"{first}.wav")
    (folder / "video" / f"{second}.mp4").symlink_to(tau_copy / "video" / f"{second}.mp4")
    assert dict(read_tau(folder).lacking) == {"audio": (second,), "video": (first,)}
    out = tmp_path / "some.npz"
    said = heterophony("predict", folder, "--model", train_on("clips") / "model", "-o", out, "--workers", 0)
    assert said.code == 0, said.err
    assert Predictions.load(out).ids == names


def test_the_page_of_a_run_finds_the_clips_of_segments(
    heterophony: Call, train_on: Callable[[str], Path], tau_copy: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    said = heterophony("report", train_on("segments"), "--data", tau_copy, "-o", page)
    assert said.code == 0, said.err
    assert page.stat().st_size > 10_000
