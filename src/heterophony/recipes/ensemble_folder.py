"""The folder of an ensemble: predictions by fold as a run has them, and how they came about."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from heterophony.ensemble import Method
from heterophony.ensemble.nested import Outcome
from heterophony.errors import InputError
from heterophony.metrics import evaluate_folds, mean_and_spread
from heterophony.predictions.run_folder import ENSEMBLE, TEST, TREE, write_groups
from heterophony.recipes.combine import Combined
from heterophony.recipes.command_file import told
from heterophony.recipes.ensemble_method import settings_of
from heterophony.recipes.members import Members
from heterophony.recipes.run_folder import versions, write_metrics
from heterophony.recipes.ways import OF_DISTRIBUTIONS
from heterophony.report.ensemble_table import ensemble_markdown
from heterophony.taxonomy import write_taxonomy

FORMAT = 1


def refuse_taken(out: Path) -> None:
    """Refuses a folder that has something in it; to be asked before the work.

    Raises:
        InputError: It has, or it is a file.
    """
    if out.is_file() or (out.exists() and any(out.iterdir())):
        raise InputError(f"{out}: there is something in it; give a new folder for the ensemble")


def write_ensemble(done: Combined, saved: Outcome, members: Members, method: tuple[str, Method], out: Path) -> None:
    """Writes predictions of each fold, `ensemble.json`, `ensemble.md`, `metrics.json`, `taxonomy.csv`, `versions.json`.

    Args:
        done: What came of all ways to choose.
        saved: The way whose predictions are written.
        members: What was combined.
        method: Its name, and it.
        out: The folder, made if it is not there.

    Raises:
        InputError: There is something in the folder.
    """
    refuse_taken(out)
    table = saved.predictions
    for fold in saved.by_fold:
        (out / f"fold_{fold}").mkdir(parents=True)
        table.take(np.flatnonzero(table.fold == fold)).save(out / f"fold_{fold}" / TEST)
    write_taxonomy(members.pool.taxonomy, out / TREE)
    write_groups(members.pool.tests[0].ids, members.groups, out / "groups.csv")
    by_fold = evaluate_folds(table, members.pool.taxonomy)
    if done.said != "distribution":
        by_fold = {
            fold: {name: value for name, value in scores.items() if name not in OF_DISTRIBUTIONS}
            for fold, scores in by_fold.items()
        }
    write_metrics(out / "metrics.json", {"ensemble": by_fold}, {"ensemble": mean_and_spread(list(by_fold.values()))})
    (out / "versions.json").write_text(json.dumps(versions(), indent=2) + "\n", encoding="utf-8")
    (out / "ensemble.md").write_text(ensemble_markdown(done.ways, done.score), encoding="utf-8")
    (out / ENSEMBLE).write_text(json.dumps(_about(done, saved, members, method), indent=2) + "\n", encoding="utf-8")


def _about(done: Combined, saved: Outcome, members: Members, method: tuple[str, Method]) -> dict[str, Any]:
    name, made = method
    own = {setting: getattr(made, setting) for setting in settings_of(name) if setting != "folder"}
    names = members.pool.names
    return {
        "format": FORMAT,
        "method": name,
        "settings": own,
        "chosen_on": done.chosen_on,
        "mark": done.mark,
        "said": done.said,
        "members": [
            {"name": one.name, "path": told(path), "said": one.said}
            for one, path in zip(members.pool.members, members.paths, strict=True)
        ],
        "weights": {
            str(fold): _by_name(names, fitted.ensemble.weights.tolist()) for fold, fitted in saved.by_fold.items()
        },
        "temperatures": {str(fold): _by_name(names, one.tolist()) for fold, one in done.temperatures.items()},
        "results": [asdict(way) for way in done.ways],
    }


def _by_name(names: tuple[str, ...], values: list[float]) -> Mapping[str, float]:
    return dict(zip(names, values, strict=True))
