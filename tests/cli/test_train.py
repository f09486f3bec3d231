"""`heterophony train`, end to end on a corpus that the test writes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


@pytest.fixture
def quick(tiny_recipe: Path, tmp_path: Path) -> Path:
    """Two epochs of the tiny recipe, words only."""
    path = tmp_path / "quick.yaml"
    path.write_text(
        f"extends: {tiny_recipe}\nname: quick\nmodalities: {{sound: null}}\npriors: {{sound-prior: null}}\npairs: 0\n"
        "augment: [{name: noise}]\nfit: {epochs: 2}\nwords_from: anything\n"
    )
    return path


def test_a_run_is_trained_and_its_model_classifies(
    heterophony: Call, corpus: Path, tiny_recipe: Path, sounds: Path, tmp_path: Path
) -> None:
    said = heterophony("train", tiny_recipe, "--data", corpus, "--out", tmp_path / "run", "--workers", 0, "--jobs", 1)
    assert said.code == 0
    assert "sound+words" in said.out
    assert "±" in said.out
    assert "fold 2: accuracy" in said.err
    told = re.search(r"leakage between the folds by (group: .* of 36 test rows .*, without them .* %) \(see", said.err)
    assert told is not None
    assert f"leakage by {told[1]}" in (tmp_path / "run" / "log.txt").read_text()
    assert (tmp_path / "run" / "report.html").is_file()
    assert heterophony("classify", sounds, "--model", tmp_path / "run", "--workers", 0).code == 0


def test_the_same_recipe_and_seed_leave_the_same_model_as_from_python(
    heterophony: Call, corpus: Path, tiny_recipe: Path, run_folder: Path, tmp_path: Path
) -> None:
    heterophony(
        "train", tiny_recipe, "--data", corpus, "--out", tmp_path / "run", "--workers", 0, "--jobs", 1, "--seed", 1821
    )
    for name in ("metrics.json", "model/model.safetensors", "recipe.yaml"):
        assert (tmp_path / "run" / name).read_bytes() == (run_folder / name).read_bytes()


def test_columns_may_have_other_names(heterophony: Call, corpus: Path, quick: Path, tmp_path: Path) -> None:
    text = corpus.read_text().replace("label,label_top,uploader", "kind,family,who", 1)
    manifest = corpus.parent / "renamed.csv"
    manifest.write_text(text)
    split = tmp_path / "grouped.yaml"
    split.write_text("extends: quick.yaml\nsplit: {kind: grouped}\n")
    arguments = ["train", split, "--data", manifest, "--workers", 0, "--jobs", 1]
    said = heterophony(
        *arguments, "--out", tmp_path / "a", "--label", "kind", "--label-top", "family", "--group", "who"
    )
    assert said.code == 3
    assert "refused c9: c9: it has no words" in said.err
    assert "low" in (tmp_path / "a" / "model" / "taxonomy.csv").read_text()
    without = heterophony(*arguments, "--out", tmp_path / "b")
    assert without.code == 1
    assert "has a label" in without.err


def test_the_seed_of_the_command_line_counts(heterophony: Call, corpus: Path, quick: Path, tmp_path: Path) -> None:
    said = heterophony(
        "train", quick, "--data", corpus, "--out", tmp_path / "run", "--workers", 0, "--jobs", 1, "--seed", 7
    )
    assert said.code == 3  # some have no words
    assert "\nseed: 7\n" in (tmp_path / "run" / "recipe.yaml").read_text()


def test_refused_clips_are_named_and_end_with_3(
    heterophony: Call, corpus: Path, tiny_recipe: Path, tmp_path: Path
) -> None:
    manifest = corpus.parent / "with_gone.csv"
    manifest.write_text(corpus.read_text() + "gone,gone.wav,deep,hum,low,tone,u1,a\n")
    said = heterophony("train", tiny_recipe, "--data", manifest, "--out", tmp_path / "run", "--workers", 0, "--jobs", 1)
    assert said.code == 3
    assert "refused gone: " in said.err
    assert (tmp_path / "run" / "model" / "config.json").is_file()


@pytest.mark.parametrize(
    ("recipe", "data", "message"),
    [
        ("esc50/soud", "{corpus}", "did you mean esc50/sound"),
        ("{quick}", "gone.csv", "gone.csv"),
        ("bsd10k/words", "{corpus}", "bst"),
    ],
)
def test_what_cannot_be_trained_is_said_in_one_message(
    heterophony: Call, corpus: Path, quick: Path, tmp_path: Path, recipe: str, data: str, message: str
) -> None:
    filled = [one.format(corpus=corpus, quick=quick) for one in (recipe, data)]
    said = heterophony("train", filled[0], "--data", filled[1], "--out", tmp_path / "run", "--workers", 0, "--jobs", 1)
    assert said.code == 1
    assert message in said.err
    assert "Traceback" not in said.err


def test_a_taken_folder_is_refused(heterophony: Call, corpus: Path, quick: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine").write_text("")
    said = heterophony("train", quick, "--data", corpus, "--out", tmp_path / "run", "--workers", 0, "--jobs", 1)
    assert said.code == 1
    assert "there is something in it" in said.err


def test_a_data_set_in_its_folder_one_fold_of_it_and_the_split_of_an_earlier_run(
    heterophony: Call, bsd10k: Path, tiny_bst: Path, tmp_path: Path
) -> None:
    arguments = ["train", tiny_bst / "base.yaml", "--data", bsd10k, "--workers", 0, "--jobs", 1, "--no-store"]
    assert heterophony(*arguments, "--out", tmp_path / "all").code == 0
    alone = heterophony(*arguments, "--out", tmp_path / "one", "--fold", 1, "--split", tmp_path / "all" / "split.csv")
    assert alone.code == 0
    assert "model/" not in alone.out
    names = sorted(path.name for path in (tmp_path / "one").iterdir() if path.is_dir())
    assert names == ["fold_1"]
    for path in (tmp_path / "one" / "fold_1").iterdir():
        assert path.read_bytes() == (tmp_path / "all" / "fold_1" / path.name).read_bytes()


def test_vectors_for_a_modality_that_the_recipe_has_not_are_refused(
    heterophony: Call, bsd10k: Path, tiny_bst: Path, tmp_path: Path
) -> None:
    arguments = ["train", tiny_bst / "base.yaml", "--data", bsd10k, "--out", tmp_path / "run", "--jobs", 1]
    said = heterophony(*arguments, "--features", "pictures=x.npy")
    assert said.code == 1
    assert "--features pictures=...: recipe base has no such modality" in said.err
