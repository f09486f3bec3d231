"""The folder of a run: what is written when it starts, after each fold, and at the end; and folds that are there."""

import json
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from heterophony.errors import InputError
from heterophony.predictions import Predictions
from heterophony.predictions.evidence import FILE as EVIDENCE
from heterophony.recipes.card import fold_card
from heterophony.recipes.cross_validate import FoldResult
from heterophony.recipes.load import dump
from heterophony.recipes.model_folder import save_model
from heterophony.recipes.run_log import note
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.recipes.trained import Trained, subsets
from heterophony.store import Embedded
from heterophony.training import History

VERSIONS = ("heterophony", "torch", "numpy", "scikit-learn", "onnxruntime", "soundfile", "soxr", "av")
WHOLE = "predictions_test.npz"
CONTROL = "control_"
"""How the names of the files begin that hold what stands beside a graph model."""
NEIGHBOURS = "neighbours.json"


def write_start(out: Path, recipe: Recipe, samples: Samples, refused: Sequence[Embedded]) -> None:
    """`recipe.yaml`, `versions.json`, and the first lines of the log: recipe, rows, what was refused."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.yaml").write_text(dump(recipe), encoding="utf-8")
    (out / "versions.json").write_text(json.dumps(versions(), indent=2) + "\n", encoding="utf-8")
    there = ", ".join(f"{int(rows.sum())} with {name}" for name, rows in samples.present.items())
    note(out, f"heterophony {version('heterophony')}, recipe {recipe.name}, seed {recipe.seed}")
    note(out, f"{len(samples)} clips: {there}; {len(refused)} refused")
    for one in refused:
        note(out, f"refused {one.clip.id}: {one.reason}")


def versions() -> dict[str, str]:
    """Of Python and of what decides the numbers."""
    return {"python": platform.python_version(), **{name: version(name) for name in VERSIONS}}


def write_fold(result: FoldResult, trained: Trained, out: Path, *, model: bool) -> None:
    """`fold_k`, whole or not at all: histories, predictions, and the model with its evidence if it is wanted."""
    folder, part = out / f"fold_{result.fold}", out / f".fold_{result.fold}"
    if part.is_dir():  # of a run that was killed
        shutil.rmtree(part)
    part.mkdir()
    for number, history in enumerate(result.histories):
        history.write(part / ("history.jsonl" if number == 0 else f"history_{number}.jsonl"))
    if result.validation is not None:
        result.validation.save(part / "predictions_val.npz")
    whole = "+".join(trained.dims)
    for key, table in result.test.items():
        if len(table):
            table.save(part / (WHOLE if key == whole else f"predictions_test_{key}.npz"))
    _write_graph(result, part)
    if model:
        save_model(trained, part, fold_card(trained, result.fold, result.test[whole]))
        if result.evidence is not None:
            result.evidence.save(part / EVIDENCE)
    part.rename(folder)


def _write_graph(result: FoldResult, part: Path) -> None:
    """What a graph model leaves beside its predictions; nothing for other models."""
    for name, table in result.controls.items():
        table.save(part / f"{CONTROL}{name.replace(', ', '-').replace(' ', '-')}.npz")
    if result.neighbours:
        shown = {name: asdict(one) for name, one in result.neighbours.items()}
        (part / NEIGHBOURS).write_text(json.dumps(shown, indent=2) + "\n", encoding="utf-8")


def read_fold(out: Path, fold: int, modalities: Sequence[str]) -> dict[str, Predictions] | None:
    """Set of modalities to the test predictions of a fold that is there; None if it is not.

    Raises:
        InputError: Somebody has taken its predictions away.
    """
    folder = out / f"fold_{fold}"
    if not folder.exists():
        return None
    if not (folder / WHOLE).is_file():
        raise InputError(f"{folder}: is there, but {WHOLE} in it is not; delete it, and the fold is done again")
    whole = "+".join(modalities)
    paths = {key: folder / (WHOLE if key == whole else f"predictions_test_{key}.npz") for key in keys(modalities)}
    return {key: Predictions.load(path) for key, path in paths.items() if path.is_file()}


def read_histories(out: Path, fold: int) -> list[History]:
    """The history of the first member of a fold that is there."""
    lines = (out / f"fold_{fold}" / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [History(rows=[json.loads(line) for line in lines])]


def keys(modalities: Sequence[str]) -> list[str]:
    """The names of all sets of modalities."""
    return ["+".join(some) for some in subsets(modalities)]


def write_metrics(path: Path, by_fold: Mapping[str, Mapping[int, Mapping[str, float]]], scores: object) -> None:
    """`metrics.json`: the scores by set of modalities, mean and spread, and fold by fold."""
    content = {"mean_and_std": scores, "folds": by_fold}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
