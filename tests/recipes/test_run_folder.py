"""Folds on the disk: whole or not at all, and read back as they were."""

import json
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import read_collection
from heterophony.errors import InputError
from heterophony.recipes.collection import Sources, Work, read_sources
from heterophony.recipes.cross_validate import FoldResult, run_fold
from heterophony.recipes.load import load_recipe
from heterophony.recipes.prepare import Prepared, prepare
from heterophony.recipes.run_folder import keys, read_fold, read_histories, write_fold, write_metrics, write_start
from heterophony.recipes.trained import Trained

NAMES = ("sound", "words")


@pytest.fixture(scope="module")
def ready(bsd10k: Path, tiny_bst: Path) -> Prepared:
    sources: Sources = read_sources(read_collection(bsd10k), bsd10k, {}, {}, Work())
    return prepare(load_recipe(str(tiny_bst / "base.yaml")), sources)


@pytest.fixture(scope="module")
def fold(ready: Prepared) -> tuple[FoldResult, Trained]:
    return run_fold(ready.task, ready.samples, ready.split, 1)


def test_a_fold_is_read_back_as_it_was_written(fold: tuple[FoldResult, Trained], tmp_path: Path) -> None:
    assert read_fold(tmp_path, 1, NAMES) is None
    write_fold(*fold, tmp_path, model=False)
    found = read_fold(tmp_path, 1, NAMES)
    assert found is not None
    assert set(found) == set(keys(NAMES)) == {"sound", "words", "sound+words"}
    for key, table in fold[0].test.items():
        assert found[key].ids == table.ids
        np.testing.assert_array_equal(found[key].logits, table.logits)
    (history,) = read_histories(tmp_path, 1)
    assert history.rows == fold[0].histories[0].rows
    assert not (tmp_path / "fold_1" / "model.safetensors").exists()


def test_the_model_is_written_where_it_is_wanted(fold: tuple[FoldResult, Trained], tmp_path: Path) -> None:
    write_fold(*fold, tmp_path, model=True)
    assert (tmp_path / "fold_1" / "model.safetensors").is_file()


def test_what_a_killed_run_left_is_no_fold_and_is_cleared_away(
    fold: tuple[FoldResult, Trained], tmp_path: Path
) -> None:
    (tmp_path / ".fold_1").mkdir()
    (tmp_path / ".fold_1" / "predictions_test.npz").write_bytes(b"half")
    assert read_fold(tmp_path, 1, NAMES) is None
    write_fold(*fold, tmp_path, model=False)
    assert [path.name for path in tmp_path.iterdir()] == ["fold_1"]
    assert read_fold(tmp_path, 1, NAMES) is not None


def test_a_fold_without_its_predictions_is_refused(fold: tuple[FoldResult, Trained], tmp_path: Path) -> None:
    write_fold(*fold, tmp_path, model=False)
    (tmp_path / "fold_1" / "predictions_test.npz").unlink()
    with pytest.raises(InputError, match=r"fold_1: is there, but predictions_test\.npz in it is not; delete it"):
        read_fold(tmp_path, 1, NAMES)


def test_a_run_begins_with_its_recipe_and_what_it_is_made_of(ready: Prepared, tmp_path: Path) -> None:
    write_start(tmp_path / "new" / "run", ready.task.recipe, ready.samples, ready.refused)
    assert load_recipe(str(tmp_path / "new" / "run" / "recipe.yaml")) == ready.task.recipe
    assert "44 clips: 44 with sound, 44 with words; 0 refused" in (tmp_path / "new" / "run" / "log.txt").read_text()
    assert "torch" in json.loads((tmp_path / "new" / "run" / "versions.json").read_text())


def test_metrics_are_plain_json(tmp_path: Path) -> None:
    write_metrics(tmp_path / "m.json", {"sound": {0: {"accuracy": 0.5}}}, {"sound": {"accuracy": (0.5, 0.0)}})
    assert json.loads((tmp_path / "m.json").read_text()) == {
        "mean_and_std": {"sound": {"accuracy": [0.5, 0.0]}},
        "folds": {"sound": {"0": {"accuracy": 0.5}}},
    }


def test_the_names_of_all_sets_of_modalities() -> None:
    assert keys(["sound"]) == ["sound"]
    assert len(keys(["sound", "words", "pictures"])) == 7
