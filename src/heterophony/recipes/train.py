"""`heterophony train`: a collection and a recipe to a run folder with folds, predictions, metrics, report and model."""

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from heterophony.clips import Clip, write_split
from heterophony.errors import InputError
from heterophony.media import Limits
from heterophony.metrics import evaluate_folds, mean_and_spread
from heterophony.recipes.card import model_card
from heterophony.recipes.cross_validate import FoldResult, calibrate, cross_validate, make_split, pooled
from heterophony.recipes.fold import Task, derive, train_all
from heterophony.recipes.load import dump
from heterophony.recipes.model_folder import save_model
from heterophony.recipes.run_log import note
from heterophony.recipes.samples import Samples, dims_of, refuse_unlabelled, samples_of
from heterophony.recipes.spec import Recipe
from heterophony.recipes.trained import Trained
from heterophony.report.run_page import RunFacts, write_run_page
from heterophony.store import Embedded, Store, embed_clips
from heterophony.taxonomy import TAXONOMIES, Taxonomy, from_pairs, read_taxonomy

VERSIONS = ("heterophony", "torch", "numpy", "scikit-learn", "onnxruntime", "soundfile", "soxr", "av")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What the caller is told while it goes on.

    Attributes:
        embedding: Called with (done, all) clips.
        epoch: Called with the fold (-1: the final model) and the row of the history.
        fold: Called with the number of each finished fold and its scores.
    """

    embedding: Callable[[int, int], None] | None = None
    epoch: Callable[[int, dict[str, float]], None] | None = None
    fold: Callable[[int, Mapping[str, float]], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """What a run came to.

    Attributes:
        scores: Set of modalities to score name to (mean, population standard deviation) over the folds.
        refused: Clips that could not be used, with the reason.
        trained: The final model, fitted on everything.
    """

    scores: Mapping[str, Mapping[str, tuple[float, float]]]
    refused: Sequence[Embedded]
    trained: Trained


def train(
    recipe: Recipe,
    clips: Sequence[Clip],
    out: Path,
    store: Store | None = None,
    *,
    workers: int = 0,
    limits: Limits | None = None,
    hooks: Hooks | None = None,
) -> Run:
    """Cross-validates a recipe, then fits the final model on everything, calibrated by the folds.

    Args:
        recipe: How.
        clips: A labelled collection.
        out: The run folder; must not exist, or be empty.
        store: Where embeddings are kept.
        workers: Processes that decode and encode.
        limits: Of each file.
        hooks: Whom to tell.

    Raises:
        InputError: A clip has no label, the folder is taken, or the folds cannot be made.
    """
    hooks = hooks or Hooks()
    if out.exists() and any(out.iterdir()):
        raise InputError(f"{out}: there is something in it; give a new folder for the run")
    taxonomy = taxonomy_of(recipe, clips)
    encoders: dict[str, str] = {name: spec.encoder for name, spec in recipe.modalities.items()}
    embedded = embed_clips(
        clips, encoders, store, workers=workers, limits=limits, words=recipe.words_from, progress=hooks.embedding
    )
    usable = [one for one in embedded if one.status != "refused"]
    dims = dims_of(usable, tuple(encoders))
    samples = samples_of(usable, dims, taxonomy)
    refuse_unlabelled(samples)
    split = make_split(recipe.split, samples, [one.clip.fold for one in usable])
    task = Task(recipe=recipe, taxonomy=taxonomy, dims=dims)
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.yaml").write_text(dump(recipe), encoding="utf-8")
    (out / "versions.json").write_text(json.dumps(_versions(), indent=2) + "\n", encoding="utf-8")
    write_split(split, out / "split.csv")
    refused = [one for one in embedded if one.status == "refused"]
    _note_start(out, recipe, samples, refused)
    results = []
    for result in cross_validate(task, samples, split, hooks.epoch):
        _write_fold(result, out / f"fold_{result.fold}")
        named = evaluate_folds(result.test["+".join(dims)], taxonomy)[result.fold]
        epochs = ", ".join(str(history.best_epoch) for history in result.histories)
        note(out, f"fold {result.fold}: epoch {epochs}; accuracy {named['accuracy']:.4f}")
        if hooks.fold is not None:
            hooks.fold(result.fold, named)
        results.append(result)
    return _finish(task, samples, results, out, hooks, refused)


def _note_start(out: Path, recipe: Recipe, samples: Samples, refused: Sequence[Embedded]) -> None:
    """The first lines of the log: recipe, rows, what was refused."""
    there = ", ".join(f"{int(rows.sum())} with {name}" for name, rows in samples.present.items())
    note(out, f"heterophony {version('heterophony')}, recipe {recipe.name}, seed {recipe.seed}")
    note(out, f"{len(samples)} clips: {there}; {len(refused)} refused")
    for one in refused:
        note(out, f"refused {one.clip.id}: {one.reason}")


def taxonomy_of(recipe: Recipe, clips: Sequence[Clip]) -> Taxonomy:
    """The tree that the recipe names, or the one that the labels of the manifest make.

    Raises:
        InputError: There is no such tree, or no label.
    """
    if recipe.taxonomy in TAXONOMIES:
        return TAXONOMIES[recipe.taxonomy]
    if recipe.taxonomy:
        return read_taxonomy(Path(recipe.taxonomy))
    labelled = [clip for clip in clips if clip.label is not None]
    if not labelled:
        raise InputError(f"none of the {len(clips)} clips has a label; training needs a column `label` (or `class`)")
    tops = [clip.label_top for clip in labelled]
    known = [top for top in tops if top is not None]
    if known and len(known) < len(tops):
        lacking = next(clip.id for clip in labelled if clip.label_top is None)
        raise InputError(f"{len(tops) - len(known)} clips have a label but no label_top, {lacking} for one; fill it in")
    return from_pairs(recipe.name, [clip.label or "" for clip in labelled], known or None)


def _finish(
    task: Task, samples: Samples, results: Sequence[FoldResult], out: Path, hooks: Hooks, refused: Sequence[Embedded]
) -> Run:
    """Metrics, report, and the final model with the temperatures of the folds."""
    tables = {key: [result.test[key] for result in results] for key in results[0].test}
    pools = {key: pooled(some) for key, some in tables.items() if sum(map(len, some))}
    whole = "+".join(task.dims)
    pools = {whole: pools[whole], **{key: table for key, table in pools.items() if key != whole}}
    by_fold = {key: evaluate_folds(table, task.taxonomy) for key, table in pools.items()}
    scores = {key: mean_and_spread(list(folds.values())) for key, folds in by_fold.items()}
    _write_metrics(out / "metrics.json", by_fold, scores)
    histories = [history.rows for result in results for history in result.histories[:1]]
    facts = {"clips": str(len(samples)), "refused": str(len(refused)), **_versions()}
    page = RunFacts(name=task.recipe.name, subtitle=task.recipe.about, facts=facts)
    write_run_page(pools, histories, task.taxonomy, out / "report.html", page)
    epochs = [
        max(1, round(float(np.mean([result.histories[member].best_epoch for result in results]))))
        for member in range(task.recipe.members)
    ]
    on_epoch = partial(hooks.epoch, -1) if hooks.epoch is not None else None
    final, _ = train_all(task, samples, derive(task.recipe.seed, len(results)), epochs, on_epoch)
    final = replace(final, temperatures=calibrate(results, tuple(task.dims)))
    save_model(final, out / "model", model_card(final, scores, samples))
    note(out, f"final model: {len(samples)} clips, {', '.join(map(str, epochs))} epochs; done")
    return Run(scores=scores, refused=refused, trained=final)


def _write_fold(result: FoldResult, folder: Path) -> None:
    folder.mkdir()
    for number, history in enumerate(result.histories):
        history.write(folder / ("history.jsonl" if number == 0 else f"history_{number}.jsonl"))
    if result.validation is not None:
        result.validation.save(folder / "predictions_val.npz")
    for key, table in result.test.items():
        whole = key == "+".join(result.trained.dims)
        if len(table):
            table.save(folder / ("predictions_test.npz" if whole else f"predictions_test_{key}.npz"))
    save_model(result.trained, folder, "Model of one fold; see the run's report.\n")


def _write_metrics(path: Path, by_fold: Mapping[str, Mapping[int, Mapping[str, float]]], scores: object) -> None:
    content = {"mean_and_std": scores, "folds": by_fold}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in VERSIONS}}
