"""What a run leaves behind, and that everything in it can be made again."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heterophony.clips import Clip, read_collection, read_manifest, read_split
from heterophony.errors import ConfigError, InputError
from heterophony.metrics import evaluate_folds, mean_and_spread
from heterophony.predictions import Predictions
from heterophony.recipes.collection import Collection, Sources, Work
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.model_folder import load_model
from heterophony.recipes.prepare import taxonomy_of
from heterophony.recipes.spec import Recipe
from heterophony.recipes.train import train
from heterophony.store import Store
from heterophony.taxonomy import BST

Train = Callable[..., Path]


@pytest.fixture
def recipe(tiny_recipe: Path) -> Recipe:
    return load_recipe(str(tiny_recipe))


@pytest.fixture
def run(corpus: Path, store_folder: Path, tmp_path: Path) -> Train:
    def go(recipe: Recipe, name: str = "run", clips: list[Clip] | None = None, **options: Any) -> Path:
        work = Work(store=Store(store_folder), progress=options.pop("progress", None))
        train(recipe, Sources.of(clips or read_manifest(corpus), work), tmp_path / name, **options)
        return tmp_path / name

    return go


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_run_leaves_what_the_design_says(run_folder: Path) -> None:
    model = {"model.safetensors", "config.json", "calibration.json", "taxonomy.csv", "README.md"}
    fold = {"history.jsonl", "predictions_val.npz", "predictions_test.npz", "evidence_test.npz"} | model
    told = {"recipe.yaml", "split.csv", "groups.csv", "taxonomy.csv", "data.json", "versions.json", "log.txt"}
    alone = {"predictions_test_sound.npz", "predictions_test_words.npz"}
    assert files(run_folder) == (
        {"metrics.json", "leakage.json", "report.html"}
        | told
        | {f"model/{name}" for name in model}
        | {f"fold_{k}/{name}" for k in range(3) for name in fold | alone}
    )


def test_the_recipe_of_a_run_is_complete_and_can_be_run_again(run_folder: Path, recipe: Recipe) -> None:
    text = (run_folder / "recipe.yaml").read_text()
    assert "extends" not in text
    assert "patience: 15" in text
    assert load_recipe(str(run_folder / "recipe.yaml")) == recipe


def test_the_split_covers_every_clip_in_every_fold(run_folder: Path, corpus: Path) -> None:
    split = read_split(run_folder / "split.csv")
    assert set(split.ids) == {clip.id for clip in read_manifest(corpus)}
    for fold in range(3):
        np.testing.assert_array_equal(np.sort(np.concatenate(split.parts(fold))), np.arange(36))
        table = Predictions.load(run_folder / f"fold_{fold}" / "predictions_test.npz")
        assert set(table.ids) == {split.ids[row] for row in split.parts(fold)[2]}


def test_the_metrics_can_be_recomputed_from_the_saved_predictions(run_folder: Path) -> None:
    said = json.loads((run_folder / "metrics.json").read_text())
    taxonomy = load_model(str(run_folder)).taxonomy
    for key, suffix in (("sound+words", ""), ("sound", "_sound"), ("words", "_words")):
        folds = {
            str(k): evaluate_folds(
                Predictions.load(run_folder / f"fold_{k}" / f"predictions_test{suffix}.npz"), taxonomy
            )[k]
            for k in range(3)
        }
        assert said["folds"][key] == folds
        assert said["mean_and_std"][key] == {name: list(x) for name, x in mean_and_spread(list(folds.values())).items()}


def test_the_saved_model_of_a_fold_says_what_was_saved(run_folder: Path, corpus_samples: object) -> None:
    trained = load_model(str(run_folder / "fold_1"))
    table = Predictions.load(run_folder / "fold_1" / "predictions_test.npz")
    rows = np.array([corpus_samples.ids.index(key) for key in table.ids])  # type: ignore[attr-defined]
    logits = trained.say(trained.table(corpus_samples.take(rows))).logits  # type: ignore[attr-defined]
    np.testing.assert_allclose(logits, table.logits, rtol=1e-5, atol=1e-6)


def test_the_history_has_a_row_for_each_epoch(run_folder: Path) -> None:
    rows = [json.loads(line) for line in (run_folder / "fold_0" / "history.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert {"train_loss", "learning_rate", "accuracy", "hierarchical_f1"} <= set(rows[0])


def test_the_log_tells_what_happened(run_folder: Path) -> None:
    text = (run_folder / "log.txt").read_text()
    assert "recipe tiny, seed 1821" in text
    assert "36 clips: 30 with sound, 30 with words; 0 refused" in text
    assert "fold 2: epoch" in text
    assert text.rstrip().endswith("done")


def test_it_learned(run_folder: Path) -> None:
    """Tones and noise, with words that name them: chance is a third."""
    scores = json.loads((run_folder / "metrics.json").read_text())["mean_and_std"]
    assert scores["sound+words"]["accuracy"][0] > 0.9
    assert scores["sound"]["accuracy"][0] > 0.8
    assert scores["words"]["accuracy"][0] > 0.8


def test_the_same_seed_gives_the_same_bytes(run_folder: Path, run: Train, recipe: Recipe) -> None:
    again = run(recipe)
    assert files(again) == files(run_folder)
    differ = {name for name in files(again) if (again / name).read_bytes() != (run_folder / name).read_bytes()}
    assert differ <= {"log.txt"}


def test_another_seed_gives_another_model(run_folder: Path, run: Train, recipe: Recipe) -> None:
    other = run(recipe.model_copy(update={"seed": 7}))
    assert (other / "model/model.safetensors").read_bytes() != (run_folder / "model/model.safetensors").read_bytes()
    assert (other / "split.csv").read_bytes() == (run_folder / "split.csv").read_bytes()


@pytest.mark.parametrize("kind", ["grouped", "given"])
def test_other_ways_to_split(run: Train, recipe: Recipe, corpus: Path, kind: str) -> None:
    folder = run(recipe.model_copy(update={"split": recipe.split.model_copy(update={"kind": kind})}))
    split, clips = read_split(folder / "split.csv"), {clip.id: clip for clip in read_manifest(corpus)}
    for fold in range(3):
        parts = [{clips[split.ids[row]].group for row in part} for part in split.parts(fold)]
        assert parts[0].isdisjoint(parts[2])
        assert parts[0].isdisjoint(parts[1])
        if kind == "given":
            assert {clips[split.ids[row]].fold for row in split.parts(fold)[2]} == {"abc"[fold]}


@pytest.mark.parametrize("use", ["refit", "train"])
def test_validation_rows_may_be_trained_on(run: Train, recipe: Recipe, use: str) -> None:
    fit = recipe.fit.model_copy(update={"validation": use})
    folder = run(recipe.model_copy(update={"fit": fit, "members": 2}))
    assert (folder / "fold_0" / "predictions_val.npz").exists() == (use == "choose")
    assert (folder / "fold_0" / "history_1.jsonl").exists()
    assert len(load_model(str(folder)).members) == 2
    assert "<svg" in (folder / "report.html").read_text()


def test_one_modality_without_priors_and_a_hierarchical_loss(run: Train, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "name: words\nmodalities: {words: {encoder: minilm}}\nmodel: {dim: 16, hidden: 16}\n"
        "loss: {name: hierarchical, top_weight: 0.5}\nfit: {epochs: 2, batch: 8}\nsplit: {folds: 3}\n"
        "words_from: anything\n"
    )
    folder = run(load_recipe(str(tmp_path / "r.yaml")))
    assert "predictions_test_words.npz" not in files(folder / "fold_0")
    assert list(load_model(str(folder)).dims) == ["words"]


def test_a_clip_that_cannot_be_used_is_counted_and_left_out(run: Train, recipe: Recipe, corpus: Path) -> None:
    bad = [Clip(id="gone", file_name="gone.wav", path=corpus.parent / "gone.wav", label="low", label_top="tone")]
    folder = run(recipe, clips=read_manifest(corpus) + bad)
    log = (folder / "log.txt").read_text()
    assert "36 clips" in log
    assert "refused gone:" in log
    assert "gone" not in (folder / "split.csv").read_text()


def test_the_caller_is_told_of_clips_and_folds(run: Train, recipe: Recipe) -> None:
    clips: list[tuple[int, int]] = []
    folds: list[int] = []
    run(
        recipe,
        progress=lambda done, total: clips.append((done, total)),
        on_fold=lambda fold, scores: folds.append(fold),
    )
    assert clips[-1] == (36, 36)
    assert folds == [0, 1, 2]


def test_folds_side_by_side_give_the_bytes_of_folds_one_by_one(run_folder: Path, run: Train, recipe: Recipe) -> None:
    beside = run(recipe, jobs=2)
    assert files(beside) == files(run_folder)
    differ = {name for name in files(beside) if (beside / name).read_bytes() != (run_folder / name).read_bytes()}
    assert differ <= {"log.txt"}


def test_one_fold_alone_gives_the_bytes_that_all_of_them_give(run_folder: Path, run: Train, recipe: Recipe) -> None:
    alone = run(recipe, folds=[2])
    assert {name.split("/")[0] for name in files(alone) if "/" in name} == {"fold_2"}
    for name in files(alone / "fold_2"):
        assert (alone / "fold_2" / name).read_bytes() == (run_folder / "fold_2" / name).read_bytes()
    with pytest.raises(InputError, match="no fold 3: this split has the folds 0 to 2"):
        run(recipe, name="other", folds=[3])


def test_a_split_that_was_written_is_read_back(run_folder: Path, run: Train, recipe: Recipe) -> None:
    other = recipe.model_copy(update={"split": recipe.split.model_copy(update={"seed": 5})})
    again = run(other, split=run_folder / "split.csv")
    assert (again / "split.csv").read_bytes() == (run_folder / "split.csv").read_bytes()


def test_a_folder_with_something_in_it_is_left_alone(run: Train, recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="there is something in it; give a new folder"):
        run(recipe)
    assert files(tmp_path / "run") == {"thesis.txt"}


def test_clips_without_labels_are_refused_before_anything_is_written(
    run: Train, recipe: Recipe, corpus: Path, tmp_path: Path
) -> None:
    clips = read_manifest(corpus)
    with pytest.raises(InputError, match="1 of 36 clips have no label: c0"):
        run(recipe, clips=[replace(clips[0], label=None), *clips[1:]])
    with pytest.raises(InputError, match="none of the 36 clips has a label"):
        run(recipe, clips=[replace(clip, label=None) for clip in clips])
    assert not (tmp_path / "run").exists()


def test_a_monitor_that_is_no_score_is_refused(run: Train, recipe: Recipe) -> None:
    with pytest.raises(ConfigError, match="monitor 'acuracy' is not among the scores: accuracy"):
        run(recipe.model_copy(update={"fit": recipe.fit.model_copy(update={"monitor": "acuracy"})}))


def test_the_tree_is_the_named_one_else_that_of_the_labels(recipe: Recipe, corpus: Path, run_folder: Path) -> None:
    clips = read_manifest(corpus)
    assert taxonomy_of(recipe.model_copy(update={"taxonomy": "bst"}), clips) is BST
    own = taxonomy_of(recipe, clips)
    assert (own.classes, own.tops) == (("high", "low", "noise"), ("noise", "tone"))
    flat = taxonomy_of(recipe, [replace(clip, label_top=None) for clip in clips])
    assert flat.tops == flat.classes
    table = recipe.model_copy(update={"taxonomy": str(run_folder / "model" / "taxonomy.csv")})
    assert taxonomy_of(table, []).classes == own.classes
    with pytest.raises(InputError, match="1 clips have a label but no label_top, c3 for one"):
        taxonomy_of(recipe, [*clips[:3], replace(clips[3], label_top=None), *clips[4:]])


def test_unlabelled_rows_are_learned_from_where_the_recipe_takes_them(
    run: Train, recipe: Recipe, corpus: Path, tmp_path: Path
) -> None:
    clips = [
        replace(clip, label=None, label_top=None) if row >= 27 else clip
        for row, clip in enumerate(read_manifest(corpus))
    ]
    raw = recipe.model_dump(mode="json") | {"pseudo": {"of": ["unlabelled"], "share": 1.0, "stages": "together"}}
    folder = run(as_recipe(raw), clips=clips)
    bare = {clip.id for clip in clips[27:]}
    assert set(read_split(folder / "split.csv").ids) == {clip.id for clip in clips[:27]}
    for fold in range(3):
        assert bare.isdisjoint(Predictions.load(folder / f"fold_{fold}" / "predictions_test.npz").ids)
    assert "9 rows beside the collection: unlabelled" in (folder / "log.txt").read_text()
    model = load_model(str(folder))
    assert model.recipe.pseudo is not None
    assert load_model(str(folder / "fold_0")).recipe == model.recipe
    crowd = as_recipe(raw | {"extra": {"crowd": {}}, "pseudo": {"of": ["crowd"]}})
    with pytest.raises(InputError, match="9 of 36 clips have no label"):
        run(crowd, "other", clips=clips)


def test_rows_below_the_least_confidence_are_tested_but_in_no_model(
    bsd10k: Path, tiny_bst: Path, tmp_path: Path
) -> None:
    found = read_collection(bsd10k)
    sources = Sources(own=Collection(found=found, folder=bsd10k))
    raw = load_recipe(str(tiny_bst / "base.yaml")).model_dump(mode="json")
    train(as_recipe(raw | {"rows": {"complete": True, "min_confidence": 3}}), sources, tmp_path / "run")
    sure = [clip for clip in found.clips if clip.id != "993" and int(clip.columns["confidence"]) >= 3]
    assert 0 < len(sure) < 44
    assert f"final model: {len(sure)} rows" in (tmp_path / "run" / "log.txt").read_text()
    tested = [Predictions.load(tmp_path / "run" / f"fold_{k}" / "predictions_test.npz") for k in range(3)]
    chosen = [Predictions.load(tmp_path / "run" / f"fold_{k}" / "predictions_val.npz") for k in range(3)]
    assert sum(map(len, tested)) == 44
    assert {key for table in chosen for key in table.ids} <= {clip.id for clip in sure}
