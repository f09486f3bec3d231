"""`heterophony submit`, end to end on an evaluation set that the test writes."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from heterophony.predictions import Predictions, softmax
from heterophony.report.challenge_zip import pack, unpack
from heterophony.taxonomy import BST, TAU, Taxonomy

Call = Callable[..., Any]
IDS = [f"s{number:02d}" for number in range(12)]
AUTHOR = {
    "lastname": "Kim",
    "firstname": "Ae",
    "email": "ae@xy.org",
    "affiliation": {"abbreviation": "XY", "institute": "Institute of Sound"},
}


def described(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "abbreviation": name.lower(),
        "description": {
            "input_sampling_rate": "48 kHz",
            "audio_representation": "CLAP",
            "text_representation": "CLAP",
            "data_augmentation": ["noise", "masking"],
            "machine_learning_method": "HATR",
            "external_data_usage": "embeddings",
            "hierarchical_setting": "none",
        },
        "complexity": {"total_parameters": 377_989},
    }


def write_table(
    path: Path, ids: list[str], tree: Taxonomy, fold: int = 0, seed: int = 0, *, labels: bool = False
) -> Path:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(len(ids), tree.n_classes)).astype(np.float32)
    target = rng.integers(0, tree.n_classes, len(ids)) if labels else np.full(len(ids), -1)
    path.parent.mkdir(parents=True, exist_ok=True)
    Predictions(tuple(ids), logits, target, np.full(len(ids), fold), tree.classes).save(path)
    return path


@pytest.fixture
def evaluation(tmp_path: Path) -> Path:
    """As the challenge gives it: a table, and recordings that nobody opens here."""
    folder = tmp_path / "evaluation"
    (folder / "metadata").mkdir(parents=True)
    (folder / "audio").mkdir()
    rows = [f"{key},Title,a b,About it" for key in IDS]
    (folder / "metadata" / "eval.csv").write_text("\n".join(["anonymous_id,title,tags,description", *rows]) + "\n")
    return folder


@pytest.fixture
def authors(tmp_path: Path) -> Path:
    path = tmp_path / "authors.yaml"
    path.write_text(yaml.safe_dump({"label": "Kim_XY", "authors": [AUTHOR], "systems": [described("One")]}))
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for fold in range(2):
        ids = [f"{fold}{key}" for key in IDS]
        write_table(tmp_path / "run" / f"fold_{fold}" / "predictions_test.npz", ids, BST, fold, fold, labels=True)
    return tmp_path / "run"


@pytest.fixture
def package(heterophony: Call, evaluation: Path, authors: Path, run: Path, tmp_path: Path) -> Path:
    """A good package of one system."""
    table = write_table(tmp_path / "one.npz", IDS[::-1], BST)
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.7\n")
    out = tmp_path / "package.zip"
    arguments = ["--data", evaluation, "--meta", authors, "--run", run, "--report", paper, "-o", out]
    said = heterophony("submit", table, *arguments)
    assert said.code == 0, said.err
    assert said.err == ""
    return out


def test_a_package_holds_what_the_challenge_wants(package: Path, tmp_path: Path) -> None:
    files = unpack(package)
    head = "task1/Kim_XY_task1_1/Kim_XY_task1_1"
    assert list(files) == ["task1/Kim_XY_task1.technical_report.pdf", f"{head}.meta.yaml", f"{head}.output.csv"]
    lines = files[f"{head}.output.csv"].decode().splitlines()
    assert lines[0] == "id,predicted_bst_second_level_class,prediction_score"
    assert [line.split(",")[0] for line in lines[1:]] == IDS  # the order of the evaluation set
    table = Predictions.load(tmp_path / "one.npz")
    best = softmax(table.logits)[::-1]
    assert [line.split(",")[1] for line in lines[1:]] == [BST.classes[label] for label in best.argmax(axis=1)]
    np.testing.assert_allclose([float(line.split(",")[2]) for line in lines[1:]], best.max(axis=1), rtol=1e-8)
    results = yaml.safe_load(files[f"{head}.meta.yaml"])["results"]["development_datasets"]
    assert list(results) == ["bsd10k-v1.2"]
    assert set(results["bsd10k-v1.2"]["overall"]) == {"hP", "hR", "hF"}


def test_the_same_input_gives_the_same_bytes(
    heterophony: Call, package: Path, evaluation: Path, authors: Path, run: Path, tmp_path: Path
) -> None:
    before = package.read_bytes()
    arguments = ["--data", evaluation, "--meta", authors, "--run", run, "--report", tmp_path / "paper.pdf"]
    assert heterophony("submit", tmp_path / "one.npz", *arguments, "-o", package).code == 0
    assert package.read_bytes() == before


def test_a_good_package_is_said_to_be_good(heterophony: Call, package: Path, evaluation: Path) -> None:
    said = heterophony("submit", "--check", package, "--data", evaluation)
    assert said.code == 0
    assert said.out.endswith("good, 1 systems\n")
    assert "was not checked" in heterophony("submit", "--check", package).out


def test_what_others_broke_is_told_at_once(heterophony: Call, package: Path, evaluation: Path, tmp_path: Path) -> None:
    files = unpack(package)
    head = "task1/Kim_XY_task1_1/Kim_XY_task1_1"
    text = files[f"{head}.output.csv"].decode().splitlines()
    files[f"{head}.output.csv"] = "\n".join([*text[:-1], "s99,dog,2"]).encode()
    files[f"{head}.meta.yaml"] = files[f"{head}.meta.yaml"].replace(b"  abbreviation: one", b"  abbrevation: one")
    files["task1/Kim_XY_task1.technical_report.pdf"] = b"Dear all"
    files["task1/Kim_XY_task1_3/Kim_XY_task1_3.output.csv"] = b"id\n"
    files["notes.txt"] = files["old/notes.txt"] = b""
    (tmp_path / "bad.zip").write_bytes(pack(files))
    said = heterophony("submit", "--check", tmp_path / "bad.zip", "--data", evaluation)
    assert said.code == 1
    for fault in (
        "bad.zip: 13 faults",
        "1 files have the name of another one in another folder",
        "the systems are numbered 1, 3; wanted 1 to 2",
        "Kim_XY_task1_3.output.csv: no Kim_XY_task1_3.meta.yaml with it",
        "notes.txt: a file that does not belong there",
        "Kim_XY_task1_1.output.csv: 1 of 12 ids are missing: s11",
        "Kim_XY_task1_1.output.csv: 1 ids that the evaluation set has not: s99",
        "Kim_XY_task1_1.output.csv: 1 rows with a class that bst has not: s99 ('dog')",
        "Kim_XY_task1_1.output.csv: 1 rows with a score outside 0..1: s99",
        "Kim_XY_task1_3.output.csv: the header is id",
        "Kim_XY_task1_1.meta.yaml: submission.abbreviation: is missing",
        "Kim_XY_task1_1.meta.yaml: submission.abbrevation: no such key; did you mean abbreviation?",
        "Kim_XY_task1.technical_report.pdf: not a PDF",
    ):
        assert fault in said.err


def test_every_fault_of_the_input_is_told_and_nothing_is_written(
    heterophony: Call, evaluation: Path, tmp_path: Path
) -> None:
    author = {key: value for key, value in AUTHOR.items() if key != "email"}
    system = described("One")
    system["description"] |= {"txt_representation": "x"}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump({"label": "Kim", "authors": [author], "systems": [system]}))
    (tmp_path / "t.csv").write_text("id,class,score\ns00,fx-h,0.5\ns00,fx-x,0.5\n")
    (tmp_path / "p.pdf").write_text("no")
    arguments = ["--data", evaluation, "--meta", tmp_path / "a.yaml", "--report", tmp_path / "p.pdf"]
    more = ["--run", "bsd99=gone", "-o", tmp_path / "x.zip"]
    said = heterophony("submit", tmp_path / "t.csv", tmp_path / "gone.npz", *arguments, *more)
    assert said.code == 1
    for fault in (
        "faults; nothing is written",
        "a.yaml: label: wanted Lastname_Institute in plain letters, got 'Kim'",
        "a.yaml: authors.0.email: is missing",
        "a.yaml: systems.0.description.txt_representation: no such key; did you mean text_representation?",
        "t.csv: 1 ids more than once: s00",
        "t.csv: 11 of 12 ids are missing: s01",
        "t.csv: 1 rows with a class that bst has not: s00 ('fx-x')",
        "t.csv: all 2 rows have one and the same score, 0.5",
        "gone.npz: no table of predictions",
        "--run bsd99=...: no such data set; dcase2026-task1 has bsd10k-v1.2, bsd35k-cs",
        "--run bsd99=...: 1 runs for 2 systems",
        "--run bsd99=gone: ",
        "p.pdf: not a PDF",
    ):
        assert fault in said.err, said.err
    assert not (tmp_path / "x.zip").exists()


def test_several_systems_and_what_is_left_out_is_said(
    heterophony: Call, evaluation: Path, authors: Path, tmp_path: Path
) -> None:
    raw = yaml.safe_load(authors.read_text())
    authors.write_text(yaml.safe_dump(raw | {"systems": [described("One"), described("Two")]}))
    tables = [write_table(tmp_path / f"{seed}.npz", IDS, BST, seed=seed) for seed in range(2)]
    ids = tmp_path / "ids.txt"
    ids.write_text("\n".join(IDS) + "\n")
    said = heterophony("submit", *tables, "--data", ids, "--meta", authors, "-o", tmp_path / "x.zip")
    assert said.code == 0
    assert "2 systems" in said.out
    assert "no results of development" in said.err
    assert "technical report is not in it" in said.err
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert sum(name.endswith(".meta.yaml") for name in archive.namelist()) == 2
    assert heterophony("submit", "--check", tmp_path / "x.zip", "--data", ids).code == 0
    five = heterophony(
        "submit", *tables, *tables, tables[0], "--data", ids, "--meta", authors, "-o", tmp_path / "y.zip"
    )
    assert "5 systems; dcase2026-task1 takes 1 to 4" in five.err
    assert "describes 2 systems; 5 tables of predictions came" in five.err


def test_the_scenes_of_2021(heterophony: Call, authors: Path, tmp_path: Path) -> None:
    raw = yaml.safe_load(authors.read_text())
    description = {**described("One")["description"], "visual_representation": "ResNet-50"}
    authors.write_text(yaml.safe_dump(raw | {"systems": [described("One") | {"description": description}]}))
    names = [f"{key}.wav" for key in IDS]
    (tmp_path / "ids.txt").write_text("\n".join(names))
    table = write_table(tmp_path / "t.npz", names, TAU)
    run = write_table(tmp_path / "cv.npz", names, TAU, labels=True)
    arguments = ["--data", tmp_path / "ids.txt", "--format", "dcase2021-task1b"]
    said = heterophony("submit", table, *arguments, "--meta", authors, "--run", run, "-o", tmp_path / "x.zip")
    assert said.code == 0, said.err
    files = unpack(tmp_path / "x.zip")
    lines = files["task1b/Kim_XY_task1b_1/Kim_XY_task1b_1.output.csv"].decode().splitlines()
    assert lines[0].split("\t") == ["filename", "scene_label", *sorted(TAU.classes)]
    assert len(lines) == 13
    meta = yaml.safe_load(files["task1b/Kim_XY_task1b_1/Kim_XY_task1b_1.meta.yaml"])
    assert set(meta["results"]["development_datasets"]["tau-audio-visual-2021"]["overall"]) == {"logloss", "accuracy"}
    assert heterophony("submit", "--check", tmp_path / "x.zip", *arguments).code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--check", "x.zip", "--meta", "m.yaml"], "--check takes --data and --format only"),
        (["t.npz"], "wanted TABLE..."),
        (["t.npz", "--format", "dcase2026"], "did you mean dcase2026-task1?"),
        (["t.npz", "--data", "d", "--meta", "m", "-o", "x.tar"], "wanted a .zip"),
        (["--check", "gone.zip"], "no zip that can be read"),
    ],
)
def test_options_that_make_no_sense_are_refused(heterophony: Call, arguments: list[str], message: str) -> None:
    said = heterophony("submit", *arguments)
    assert said.code == 1
    assert message in said.err


def test_an_empty_list_of_ids_is_refused(heterophony: Call, authors: Path, tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("\n")
    said = heterophony("submit", "t.npz", "--data", tmp_path / "ids.txt", "--meta", authors, "-o", tmp_path / "x.zip")
    assert said.code == 1
    assert "no id in it" in said.err
