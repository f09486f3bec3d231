"""`heterophony train`: a collection and a recipe to a run folder with folds, predictions, metrics, report and model."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from heterophony.clips import write_split
from heterophony.errors import ConfigError, HeterophonyError, InputError
from heterophony.metrics import evaluate_folds, mean_and_spread
from heterophony.predictions import Predictions, pooled
from heterophony.predictions.run_folder import GROUPS, TREE, write_groups
from heterophony.recipes.card import model_card
from heterophony.recipes.collection import Sources
from heterophony.recipes.command_file import Options, write_command
from heterophony.recipes.cross_validate import SEGMENTS, FoldResult, calibrate, validated
from heterophony.recipes.extra import with_extra
from heterophony.recipes.fold import derive, train_all
from heterophony.recipes.graph_verdict import graph_verdict
from heterophony.recipes.jobs import FoldJob, run_jobs, threads_of
from heterophony.recipes.leakage import Leaks, find_leaks, read_sentences, write_leaks
from heterophony.recipes.model_folder import save_model
from heterophony.recipes.prepare import Prepared, prepare
from heterophony.recipes.pseudo_labels import pool_of
from heterophony.recipes.report_run import write_report
from heterophony.recipes.resume import begin, finish, go_on, is_begun, mark_started
from heterophony.recipes.rows import one_segment_each, sure_enough
from heterophony.recipes.run_folder import write_metrics, write_start
from heterophony.recipes.run_log import note
from heterophony.recipes.spec import GraphSpec, Recipe
from heterophony.recipes.teach import mean_epochs, teach_all
from heterophony.recipes.trained import Trained
from heterophony.report.run_page import RunPageSettings
from heterophony.store import Embedded
from heterophony.taxonomy import write_taxonomy
from heterophony.training import find_device

OnFold = Callable[[int, Mapping[str, float]], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """What a run came to.

    Attributes:
        scores: Set of modalities to score name to (mean, population standard deviation) over the folds.
        refused: Clips that could not be used, with the reason.
        trained: The final model, fitted on everything; None where only some folds were run.
        leakage: What the folds share, where that is notable; see `leakage.json`.
        graph: What is to be said beside the number of a graph model.
    """

    scores: Mapping[str, Mapping[str, tuple[float, float]]]
    refused: Sequence[Embedded]
    trained: Trained | None
    leakage: Sequence[str] = ()
    graph: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How a run is trained, and on what.

    Attributes:
        jobs: Folds that are trained at the same time. Their number changes no byte.
        resume: Go on with a run that was interrupted, to the bytes of one that was not.
        device: Where networks are trained; see `training.find_device`.
        threads: Of a recipe that trains encoders jointly; 0: one per core. Their number decides bytes.
        on_fold: Called with the number of each finished fold and its scores.
    """

    jobs: int = 1
    resume: bool = False
    device: str = "cpu"
    threads: int = 0
    on_fold: OnFold | None = None


def train(  # noqa: PLR0913 - the options of a command
    recipe: Recipe,
    sources: Sources,
    out: Path,
    *,
    jobs: int = 1,
    folds: Sequence[int] = (),
    split: Path | None = None,
    on_fold: OnFold | None = None,
    command: tuple[str, Options] | None = None,
    resume: bool = False,
    device: str = "cpu",
    threads: int = 0,
) -> Run:
    """Cross-validates a recipe, then fits the final model on everything, calibrated by the folds.

    Args:
        recipe: How.
        sources: A labelled collection, and what is beside it.
        out: The run folder; must not exist, or be empty.
        jobs: Folds that are trained at the same time. Their number changes no byte.
        folds: Only these, and no final model; empty: all.
        split: A split that was written before; None makes it as the recipe says.
        on_fold: Called with the number of each finished fold and its scores.
        command: The recipe as it was named and the options, for `command.json`; None writes none.
        resume: Go on with the run in `out`, if one was interrupted there, to the bytes of one that was not.
        device: Where networks are trained; see `training.find_device`.
        threads: Of a recipe that trains encoders jointly; 0: one per core. Their number decides bytes.

    Raises:
        InputError: A clip has no label, the folder is taken or of another run, the folds cannot be made, or there is no
            such fold.
        ConfigError: There is no such device, or a graph model is to be trained on it.
    """
    _refuse_device(device, recipe)
    begun = is_begun(out, resume=resume)
    ready = prepare(recipe, sources, split)
    unknown = [fold for fold in folds if not 0 <= fold < ready.split.folds]
    if unknown:
        raise InputError(f"no fold {unknown[0]}: this split has the folds 0 to {ready.split.folds - 1}")
    training = Training(jobs=jobs, resume=resume, device=device, threads=threads, on_fold=on_fold)
    done = train_prepared(ready, out, training, begun=begun, folds=folds, command=command)
    finish(out)
    return done


def train_prepared(
    ready: Prepared,
    out: Path,
    training: Training,
    *,
    begun: bool,
    folds: Sequence[int] = (),
    command: tuple[str, Options] | None = None,
) -> Run:
    """What `train` does once the rows and their folds are there; the checkpoints stay until `finish`.

    Args:
        ready: Rows, folds, recipe.
        out: The run folder.
        training: How.
        begun: Whether there is an interrupted run in it that is gone on with (`resume.is_begun`).
        folds: Only these, and no final model; empty: all.
        command: For `command.json`; None writes none.
    """
    task = replace(ready.task, device=training.device, threads=training.threads, checkpoints=begin(out))
    ready = replace(ready, task=task)
    if begun:
        go_on(ready, command, out)
    else:
        _start(ready, command, out)
    results = {}
    wanted = sorted(set(folds)) or range(ready.split.folds)
    for job, result in run_jobs(jobs_of(ready, out, wanted, model=True), training.jobs):
        if isinstance(result, HeterophonyError):
            raise result
        named = evaluate_folds(result.test["+".join(ready.task.dims)], ready.task.taxonomy)[job.fold]
        epochs = ", ".join(str(history.best_epoch) for history in result.histories)
        note(out, f"fold {job.fold}: epoch {epochs}; accuracy {named['accuracy']:.4f}")
        if training.on_fold is not None:
            training.on_fold(job.fold, named)
        results[job.fold] = result
    inorder = [results[fold] for fold in sorted(results)]
    leaks = find_leaks(ready)
    scores = tell(ready, [{**one.test, **one.controls} for one in inorder], out, leaks)
    final = None if folds else _final(ready, inorder, scores, out)
    graph = graph_verdict(inorder, "+".join(ready.task.dims), ready.task.taxonomy)
    for text in graph:
        note(out, text)
    leakage = leaks.notable(read_sentences(out))
    return Run(scores=scores, refused=ready.refused, trained=final, leakage=leakage, graph=graph)


def _refuse_device(device: str, recipe: Recipe) -> None:
    if find_device(device).type != "cpu" and isinstance(recipe.model, GraphSpec):
        raise ConfigError(f"device {device}: graph models ({recipe.model.name}) are trained on the cpu")


def _start(ready: Prepared, command: tuple[str, Options] | None, out: Path) -> None:
    start(ready, out)
    if command is not None:
        write_command(*command, out)
    mark_started(out)


def start(ready: Prepared, out: Path) -> None:
    """What a run writes before its first fold."""
    write_start(out, ready.task.recipe, ready.samples, ready.refused)
    seeds = (f"fold {fold} {derive(ready.task.recipe.seed, fold)}" for fold in range(ready.split.folds))
    note(out, f"everything that a fold draws comes from its seed: {', '.join(seeds)}")
    if ready.incomplete:
        note(out, f"{len(ready.incomplete)} clips lack a modality and are left out: {', '.join(ready.incomplete[:20])}")
    if ready.extra is not None:
        named = ", ".join(f"{name} {count}" for name, count in sorted(Counter(ready.extra.sources).items()))
        note(out, f"{len(ready.extra)} rows beside the collection: {named}")
    write_split(ready.split, out / "split.csv")
    write_taxonomy(ready.task.taxonomy, out / TREE)
    write_groups(ready.samples.ids, ready.samples.groups, out / GROUPS)
    (out / "data.json").write_text(json.dumps({"sha256": ready.content}) + "\n", encoding="utf-8")


def jobs_of(ready: Prepared, out: Path, folds: Sequence[int], *, model: bool) -> list[FoldJob]:
    """The folds of a run as jobs."""
    return [
        FoldJob(
            task=ready.task,
            samples=ready.samples,
            split=ready.split,
            fold=fold,
            extra=ready.extra,
            out=out,
            model=model,
        )
        for fold in folds
    ]


def tell(
    ready: Prepared,
    tests: Sequence[Mapping[str, Predictions]],
    out: Path,
    leaks: Leaks,
) -> dict[str, dict[str, tuple[float, float]]]:
    """Writes `metrics.json`, `leakage.json` and `report.html` from the folds; gives the scores by set of modalities."""
    task = ready.task
    tables = {key: [test[key] for test in tests if key in test] for key in tests[0]}
    pools = {key: pooled(some) for key, some in tables.items() if sum(map(len, some))}
    whole = "+".join(task.dims)
    pools = {whole: pools[whole], **{key: table for key, table in pools.items() if key != whole}}
    for name, text in write_leaks(leaks, pools[whole], task.taxonomy, out).items():
        note(out, f"leakage by {name}: {text}")
    by_fold = {key: evaluate_folds(table, task.taxonomy) for key, table in pools.items()}
    scores = {key: mean_and_spread(list(folds.values())) for key, folds in by_fold.items()}
    write_report(out, settings=RunPageSettings(map="none"))
    write_metrics(out / "metrics.json", by_fold, scores)  # last: a sweep takes it for the end of a run
    return scores


def _final(
    ready: Prepared,
    results: Sequence[FoldResult],
    scores: Mapping[str, Mapping[str, tuple[float, float]]],
    out: Path,
) -> Trained:
    """The model that is fitted on everything, with the temperatures of the folds.

    Where the test part is fixed (`Split.fixed_test`), it stays unseen: it is neither fitted on, nor does it give the
    temperatures.
    """
    task = ready.task.below("final")
    rows = np.flatnonzero(ready.split.fold < 0) if ready.split.fixed_test else np.arange(len(ready.samples))
    samples = ready.samples.take(rows)
    histories = [result.histories for result in results]
    epochs, seed = mean_epochs(histories), derive(task.recipe.seed, ready.split.folds)
    stages = mean_epochs([some[0].earlier for some in histories]) if task.recipe.stages else ()
    pool = pool_of(task.recipe, ready.extra)
    mine = one_segment_each(task.recipe, sure_enough(task.recipe, samples), derive(seed, SEGMENTS))
    others = ready.extra and one_segment_each(task.recipe, ready.extra, derive(seed, SEGMENTS, 1))
    everything = with_extra(task.recipe, mine, others)
    with threads_of(task):
        if pool is None:
            final, _ = train_all(task, everything, seed, epochs, stages=stages)
        else:
            final, _ = teach_all(task, everything, pool, seed, histories)
    tested = validated(results, tuple(task.dims)) if ready.split.fixed_test else results
    final = replace(final, temperatures=calibrate(tested, tuple(task.dims)))
    save_model(final, out / "model", model_card(final, scores, samples))
    note(out, f"final model: {len(everything)} rows, {', '.join(map(str, epochs))} epochs; done")
    return final
