import shutil
from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.predictions import Predictions
from heterophony.recipes.members import read_members
from heterophony.taxonomy import BST, write_taxonomy


def test_runs_are_read_with_their_validation_predictions_and_their_tree(ensemble_runs: list[Path]) -> None:
    read = read_members(ensemble_runs)
    assert read.pool.names == ("run0", "run1", "run2", "run3")
    assert read.pool.taxonomy.classes == ("a", "b", "c", "d")
    assert read.pool.folds == [0, 1, 2]
    assert read.pool.without_validation == []
    assert read.groups == [None] * 90
    kept = Predictions.load(ensemble_runs[2] / "fold_1" / "predictions_val.npz")
    np.testing.assert_array_equal(read.pool.members[2].validation[1].logits, kept.logits)


def test_tables_of_other_tools_bring_a_class_and_a_score(tmp_path: Path) -> None:
    for name in ("one", "two"):
        lines = ["id,target,prediction,score,fold,group", "s1,fx-o,fx-o,0.9,0,u1", "s2,fx-v,fx-o,0.5,1,u2"]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    read = read_members([tmp_path / "one.csv", tmp_path / "two.csv"], "bst")
    assert read.pool.names == ("one", "two")
    assert [member.said for member in read.pool.members] == ["top-score", "top-score"]
    assert read.groups == ["u1", "u2"]


def test_runs_of_one_name_are_told_apart_by_their_folders(ensemble_runs: list[Path], tmp_path: Path) -> None:
    for name in ("a", "b"):
        shutil.copytree(ensemble_runs[0], tmp_path / name / "both")
    assert read_members([tmp_path / "a" / "both", tmp_path / "b" / "both"]).pool.names == ("a/both", "b/both")


def test_what_is_no_pool_is_refused(ensemble_runs: list[Path], tmp_path: Path) -> None:
    one = ensemble_runs[0]
    with pytest.raises(InputError, match=r"two members or more, got .*run0; one run alone is for `evaluate`"):
        read_members([one])
    with pytest.raises(InputError, match=r"given more than once: .*run0; a member counts once"):
        read_members([one, one, ensemble_runs[1]])
    with pytest.raises(InputError, match="nowhere: there is no such file or folder"):
        read_members([one, tmp_path / "nowhere"])
    shutil.copytree(ensemble_runs[1], tmp_path / "less")
    (tmp_path / "less" / "fold_2" / "predictions_test.npz").unlink()
    shutil.rmtree(tmp_path / "less" / "fold_2")
    with pytest.raises(
        AlignmentError, match="run0 and less: predictions of different samples: the second lacks s11, s14"
    ):
        read_members([one, tmp_path / "less"])


def test_a_tree_must_be_known_and_one_for_all(ensemble_runs: list[Path], tmp_path: Path) -> None:
    table = Predictions.load(ensemble_runs[0] / "fold_0" / "predictions_test.npz")
    for name in ("one", "two"):
        table.save(tmp_path / f"{name}.npz")
    with pytest.raises(ConfigError, match=r"one.npz does not say which tree its classes are of; name bst or tau"):
        read_members([tmp_path / "one.npz", tmp_path / "two.npz"])
    shutil.copytree(ensemble_runs[1], tmp_path / "other")
    write_taxonomy(BST, tmp_path / "other" / "taxonomy.csv")
    with pytest.raises(ConfigError, match=r"run0 and .*other have different trees of classes"):
        read_members([ensemble_runs[0], tmp_path / "other"])


def test_rows_without_labels_cannot_choose(tmp_path: Path) -> None:
    for name in ("one", "two"):
        lines = ["id,prediction,score", "s1,fx-o,0.9", "s2,fx-o,0.5"]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(
        InputError, match="no row of the members has a known target; give the labels with --labels TABLE"
    ):
        read_members([tmp_path / "one.csv", tmp_path / "two.csv"], "bst")
