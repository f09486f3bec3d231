"""Chooses the settings of the models in the graph tables of docs/results.md, by validation rows alone.

    python tools/graph_grid.py DATA OUT [--jobs 2]

On YouTube indoor scenes and ESC-50 each fold is fitted on its training rows, and its validation rows tell the accuracy
of the best epoch; the test rows of a fold are not looked at. DM-GCN (inductive) stands for all graph models, and as
many settings are tried of the plain network. OUT/grid.csv has every number; printed are, for each model, the means over
the folds, and the setting with the highest mean over both collections.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from graph_results import SOURCES

from heterophony.cli.options import open_store, pairs_of
from heterophony.clips import read_collection
from heterophony.recipes.collection import Work, read_sources, with_given
from heterophony.recipes.fold import derive, train_fold
from heterophony.recipes.graph_controls import PLAIN
from heterophony.recipes.jobs import one_thread
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.prepare import Prepared, prepare
from heterophony.recipes.spec import Recipe

COLLECTIONS = ("youtube", "esc50")
EPOCHS = {"epochs": 200, "patience": 60}
GRAPH = [{"k": k, "lr": lr} for k in (10, 20, 60) for lr in (1e-3, 5e-3)]
ALONE = [{"dropout": share, "lr": lr} for share in (0.2, 0.5) for lr in (3e-4, 1e-3, 3e-3)]
GRID = {"dm-gcn": GRAPH, "mlp": ALONE}

Job = tuple[str, str, int, int]  # collection, model, number of its setting, fold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    ready = {name: opened(name, options.data, options.out) for name in COLLECTIONS}
    jobs = [
        (name, model, number, fold)
        for name, one in ready.items()
        for model, settings in GRID.items()
        for number in range(len(settings))
        for fold in range(one.split.folds)
    ]
    with ProcessPoolExecutor(options.jobs, get_context("spawn"), initializer=_remember, initargs=(ready,)) as pool:
        found = dict(zip(jobs, pool.map(accuracy, jobs), strict=True))
    with (options.out / "grid.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["collection", "model", "setting", "fold", "accuracy"])
        writer.writerows([*job[:2], shown(*job[1:3]), job[3], value] for job, value in found.items())
    for line in told(found):
        print(line)


def opened(name: str, data: Path, out: Path) -> Prepared:
    """A collection with its vectors and folds."""
    source = SOURCES[name](data, out / f"{name}-data")
    features = pairs_of(list(source.features), "--features")
    work = Work(store=open_store(None, none=False))
    sources = read_sources(read_collection(source.manifest), source.manifest, {}, features, work)
    return prepare(with_given(load_recipe(f"graph/measured/{name}"), features), sources)


def with_setting(recipe: Recipe, model: str, number: int) -> Recipe:
    """The recipe of a collection for another model and one of its settings."""
    raw, setting = recipe.model_dump(mode="json"), dict(GRID[model][number])
    lr = setting.pop("lr")
    raw["fit"] = (PLAIN.model_dump(mode="json") if model == "mlp" else {**raw["fit"], **EPOCHS}) | {"lr": lr}
    raw["model"] = {"name": model, **setting}
    return as_recipe(raw)


def accuracy(job: Job) -> float:
    """Of a fold's validation rows, at the best epoch."""
    name, model, number, fold = job
    ready = _READY[name]
    task = replace(ready.task, recipe=with_setting(ready.task.recipe, model, number))
    train, validation, _ = ready.split.parts(fold)
    seed = derive(task.recipe.seed, fold)
    with one_thread():
        _, (history,) = train_fold(task, ready.samples.take(train), ready.samples.take(validation), seed)
    return max(row["accuracy"] for row in history.rows if "accuracy" in row)


_READY: dict[str, Prepared] = {}


def _remember(ready: dict[str, Prepared]) -> None:
    _READY.update(ready)


def told(found: dict[Job, float]) -> Iterator[str]:
    """The means as lines of a table, and the best setting of each model."""
    folds = defaultdict(list)
    for (name, model, number, _), value in found.items():
        folds[model, number, name].append(value)
    yield "| model | setting | " + " | ".join(COLLECTIONS) + " |"
    yield "|--|--|" + "--|" * len(COLLECTIONS)
    chosen = {}
    for model, settings in GRID.items():
        means = [[float(np.mean(folds[model, one, name])) for name in COLLECTIONS] for one in range(len(settings))]
        for number, row in enumerate(means):
            yield f"| {model} | {shown(model, number)} | " + " | ".join(f"{100 * value:.1f}" for value in row) + " |"
        chosen[model] = shown(model, int(np.argmax(np.mean(means, axis=1))))
    yield ""
    yield "chosen: " + "; ".join(f"{model} {setting}" for model, setting in chosen.items())


def shown(model: str, number: int) -> str:
    return ", ".join(f"{key} {value:g}" for key, value in GRID[model][number].items())


if __name__ == "__main__":
    main()
