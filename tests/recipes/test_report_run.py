"""The page of a run from its folder alone: old runs, sweeps, ensembles, and what it refuses."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from heterophony.clips import Clip, read_manifest
from heterophony.errors import AlignmentError, InputError
from heterophony.predictions import Predictions
from heterophony.predictions.evidence import Evidence
from heterophony.recipes.report_run import read_record, write_report
from heterophony.report.run_page import RunPageSettings
from heterophony.taxonomy import BST, read_taxonomy

QUICK = RunPageSettings(map="none")


@pytest.fixture
def copy(run_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run_folder, tmp_path / "run"))


@pytest.fixture
def bare(run_folder: Path, tmp_path: Path) -> Path:
    """What an ensemble leaves: predictions per fold and a tree."""
    for fold in range(3):
        (tmp_path / "bare" / f"fold_{fold}").mkdir(parents=True)
        shutil.copy(run_folder / f"fold_{fold}" / "predictions_test.npz", tmp_path / "bare" / f"fold_{fold}")
    shutil.copy(run_folder / "taxonomy.csv", tmp_path / "bare")
    return tmp_path / "bare"


def test_the_page_of_train_is_the_page_of_the_command(copy: Path) -> None:
    before = (copy / "report.html").read_bytes()
    assert write_report(copy, settings=QUICK) == copy / "report.html"
    assert (copy / "report.html").read_bytes() == before


def test_everything_that_the_folder_holds_is_read(run_folder: Path, corpus: Path) -> None:
    record = read_record(run_folder, read_manifest(corpus))
    assert list(record.predictions) == ["sound+words", "sound", "words"]
    assert set(record.evidence) == set(record.histories) == set(record.rows) == {0, 1, 2}
    assert record.split == "stratified"
    assert len(record.clips) == 36
    assert set(record.groups) == {f"u{copy}" for copy in range(12)}
    assert record.again.startswith("heterophony train recipe.yaml --data DATA --split split.csv")
    assert set(record.leakage) >= {"group"}
    assert "torch" in record.facts["Versions"]


def test_a_page_says_where_answers_saw_other_test_samples(copy: Path) -> None:
    assert "Protocol" not in read_record(copy).subtitle
    recipe = yaml.safe_load((copy / "recipe.yaml").read_text(encoding="utf-8"))
    recipe["model"]["protocol"] = "transductive"
    (copy / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    assert read_record(copy).subtitle.startswith("Tones and noise. Protocol transductive: each answer sees all test")


def test_evidence_is_that_of_the_test_rows_with_all_they_have(run_folder: Path) -> None:
    for fold in range(3):
        evidence = Evidence.load(run_folder / f"fold_{fold}" / "evidence_test.npz")
        assert evidence.ids == Predictions.load(run_folder / f"fold_{fold}" / "predictions_test.npz").ids
        assert evidence.modalities == ("sound", "words")
        np.testing.assert_allclose(evidence.attention.sum(axis=1), 1, atol=1e-5)
        assert not evidence.attention[~evidence.present].any()
        assert np.isfinite(evidence.latent).all()
        assert 2 <= evidence.before.shape[1] <= 50


def test_words_and_players_come_from_the_collection(run_folder: Path, corpus: Path, tmp_path: Path) -> None:
    path = write_report(run_folder, tmp_path / "r.html", clips=read_manifest(corpus), settings=QUICK)
    text = path.read_text(encoding="utf-8")
    assert text.count("<audio ") > 5
    assert "no recording" in text
    assert "<bdi>" in text
    assert "<script" not in text


def test_predictions_and_a_tree_are_enough(bare: Path) -> None:
    text = write_report(bare).read_text(encoding="utf-8")
    for title in ("Attention", "Map of the embeddings", "Rows of the folds", "How to run it again", "How it learned"):
        assert title in text.partition('id="not-shown"')[2]
    assert "<h1>bare</h1>" in text


def test_an_ensemble_says_how_it_was_chosen_and_votes_are_no_probabilities(bare: Path) -> None:
    about = {
        "said": "top-score",
        "mark": "chosen on the test folds: optimistic",
        "members": [1, 2, 3],
        "method": "vote",
    }
    (bare / "ensemble.json").write_text(json.dumps(about))
    text = write_report(bare).read_text(encoding="utf-8")
    assert "Ensemble of 3 members: vote, chosen on the test folds: optimistic" in text
    assert 'id="reliability"' not in text


def test_columns_in_another_order_are_put_in_that_of_the_tree(bare: Path) -> None:
    before = read_record(bare)
    for fold in range(3):
        path = bare / f"fold_{fold}" / "predictions_test.npz"
        table = Predictions.load(path)
        turned = Predictions(table.ids, table.logits[:, ::-1], 2 - table.target, table.fold, table.classes[::-1])
        turned.save(path)
    after = read_record(bare)
    assert after.main.classes == before.main.classes
    np.testing.assert_array_equal(after.main.logits, before.main.logits)
    np.testing.assert_array_equal(after.main.target, before.main.target)


def test_an_old_run_whose_tree_lies_in_its_model_has_a_page(copy: Path) -> None:
    for name in ("taxonomy.csv", "groups.csv", "leakage.json", "command.json"):
        (copy / name).unlink(missing_ok=True)
    for fold in range(3):
        (copy / f"fold_{fold}" / "evidence_test.npz").unlink()
    text = write_report(copy).read_text(encoding="utf-8")
    assert "left no evidence_test.npz" in text


def test_what_stands_beside_a_graph_model_is_on_its_page(bare: Path) -> None:
    for fold in range(3):
        folder = bare / f"fold_{fold}"
        for name in ("hatr", "mlp", "mlp-smoothed"):
            shutil.copy(folder / "predictions_test.npz", folder / f"control_{name}.npz")
        shares = {"neighbours": 10 + fold, "homophily": 0.5, "expected": 0.2, "same_group": float("nan"), "training": 1}
        (folder / "neighbours.json").write_text(json.dumps({"sound": shares}))
    record = read_record(bare)
    assert list(record.controls) == ["mlp", "hatr", "mlp-smoothed"]
    assert [fold["neighbours"] for fold in record.neighbours["sound"]] == [10, 11, 12]
    text = write_report(bare, settings=QUICK).read_text(encoding="utf-8")
    assert "What stands beside the graph" in text
    assert "+0.00 [+0.00, +0.00]" in text


def test_a_folder_without_tree_asks_for_one(bare: Path) -> None:
    tree = read_taxonomy(bare / "taxonomy.csv", name="t")
    (bare / "taxonomy.csv").unlink()
    with pytest.raises(InputError, match="name the tree with --taxonomy"):
        write_report(bare)
    with pytest.raises((AlignmentError, InputError), match="class"):
        write_report(bare, taxonomy=BST)
    assert write_report(bare, taxonomy=tree).is_file()


def test_what_is_no_run_and_what_is_another_collection_are_refused(run_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no run: there is no fold_<k>/predictions_test\.npz"):
        write_report(tmp_path)
    with pytest.raises(InputError, match="the collection has x … and none of those"):
        write_report(run_folder, tmp_path / "r.html", clips=[Clip(id="x")])


@pytest.mark.parametrize(("name", "text"), [("recipe.yaml", "- a"), ("recipe.yaml", "a: [")])
def test_a_broken_file_is_named(copy: Path, name: str, text: str) -> None:
    (copy / name).write_text(text)
    with pytest.raises(InputError, match=rf"{name}: (not YAML|wanted keys)"):
        write_report(copy)
