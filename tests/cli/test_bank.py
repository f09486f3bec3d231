"""`heterophony bank`, end to end: a graph model learns of new recordings without being trained."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


@pytest.fixture
def run(heterophony: Call, corpus: Path, tmp_path: Path) -> Path:
    """A quick graph model of the corpus' words and sounds."""
    recipe = tmp_path / "g.yaml"
    recipe.write_text(
        "extends: graph/dm\nname: g\nmodel: {k: 4, hidden: [8, 6]}\nfit: {epochs: 2}\nsplit: {folds: 2}\n"
    )
    said = heterophony("train", recipe, "--data", corpus, "--out", tmp_path / "run", "--workers", 0, "--jobs", 1)
    assert said.code in (0, 3)
    return tmp_path / "run"


def test_a_bank_is_shown_grown_and_shrunk(
    heterophony: Call, run: Path, run_folder: Path, sounds: Path, tmp_path: Path
) -> None:
    shown = heterophony("bank", "show", run)
    assert shown.code == 0
    assert "model: g, dm-gcn" in shown.out
    shutil.copytree(sounds, tmp_path / "sounds")
    manifest = tmp_path / "sounds" / "more.csv"
    beep = next(sounds.rglob("beep.wav")).relative_to(sounds)
    manifest.write_text(f"id,file_name,title\nnew1,low_hum.wav,a low hum\nnew2,{beep},\n")
    grown, back = tmp_path / "grown", tmp_path / "back"
    said = heterophony("bank", "add", run, "--data", manifest, "-o", grown, "--workers", 0)
    assert said.code == 0, said.err
    assert "2 samples were added after the training. wrote" in said.out
    assert "2 without a class" in heterophony("bank", "show", grown).out
    assert "## Changed bank" in (grown / "README.md").read_text()
    answer = json.loads(heterophony("classify", sounds / "low_hum.wav", "--model", grown, "--json", "--no-text").out)
    (row,) = answer["rows"]
    assert row["nearest"]["sound"][0] == {"id": "new1", "label": None, "words": "a low hum", "distance": 0.0}
    assert 0 <= row["novelty"] <= 1
    (tmp_path / "ids.txt").write_text("new1\n\nnew2\n")
    assert heterophony("bank", "remove", grown, "--ids", tmp_path / "ids.txt", "-o", back).code == 0
    assert (back / "bank.csv").read_bytes() == (run / "model" / "bank.csv").read_bytes()
    assert (back / "model.safetensors").read_bytes() == (run / "model" / "model.safetensors").read_bytes()
    _refuses(heterophony, run, run_folder, tmp_path)


def _refuses(heterophony: Call, run: Path, run_folder: Path, tmp_path: Path) -> None:
    assert "is no graph model" in heterophony("bank", "show", run_folder).err
    (tmp_path / "ids.txt").write_text("nobody\n")
    said = heterophony("bank", "remove", run, "--ids", tmp_path / "ids.txt", "-o", tmp_path / "new")
    assert (said.code, "1 of 1 ids are not in the bank: nobody" in said.err) == (1, True)
    said = heterophony("bank", "remove", run, "--ids", tmp_path / "ids.txt", "-o", run)
    assert "there is something in it" in said.err
    assert "no such file" in heterophony("bank", "remove", run, "--ids", tmp_path / "q", "-o", tmp_path / "new").err
