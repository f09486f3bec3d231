"""Going on with a run that was interrupted, to the bytes of one that was not.

The state of every fit is in `checkpoints` of the run's folder, which is there from the first moment of a run to its
last. A run that goes on does everything again; but a fit that is finished is taken from there, and one that is not is
trained from its last epoch on.
"""

import json
import shutil
from pathlib import Path

import yaml

from heterophony.errors import InputError
from heterophony.predictions.run_folder import GROUPS, TREE
from heterophony.recipes import command_file
from heterophony.recipes.command_file import Options
from heterophony.recipes.load import dump
from heterophony.recipes.prepare import Prepared
from heterophony.recipes.run_folder import versions
from heterophony.recipes.run_log import NAME as LOG
from heterophony.recipes.run_log import note
from heterophony.training import Checkpoints

CHECKPOINTS, DONE, STARTED = "checkpoints", ".checkpoints", "started"
DATA = "data.json"
FIRST = {"recipe.yaml", "versions.json", "split.csv", DATA, TREE, GROUPS, LOG, command_file.NAME, CHECKPOINTS}
"""What is in the folder before anything is trained."""


def is_begun(out: Path, *, resume: bool) -> bool:
    """Whether a run in this folder is gone on with; False: a run begins there.

    Raises:
        InputError: There is something in the folder, and it is not to be gone on with or cannot be.
    """
    if not out.exists() or not any(out.iterdir()):
        return False
    if not resume:
        raise InputError(
            f"{out}: there is something in it; give a new folder for the run, or --resume to go on with one"
        )
    if not (out / CHECKPOINTS).is_dir():
        shutil.rmtree(out / DONE, ignore_errors=True)
        found = "the run in it is finished" if (out / "metrics.json").is_file() else "no run in it keeps checkpoints"
        raise InputError(f"{out}: {found}: there is nothing to go on with; give a new folder")
    if (out / CHECKPOINTS / STARTED).is_file():
        return True
    strange = sorted({path.name for path in out.iterdir()} - FIRST)
    if strange:
        raise InputError(f"{out}: {strange[0]} in it is not of a run that has just begun; give a new folder")
    (out / LOG).unlink(missing_ok=True)  # killed before anything was trained
    return False


def begin(out: Path) -> Checkpoints:
    """Makes the folder of a run; it is one that can be gone on with when `mark_started` has been called."""
    (out / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    return Checkpoints(out / CHECKPOINTS)


def mark_started(out: Path) -> None:
    """Says that all that a run writes before its first fold is there."""
    (out / CHECKPOINTS / STARTED).touch()


def go_on(ready: Prepared, command: tuple[str, Options] | None, out: Path) -> None:
    """Takes away what the interrupted run made of its fits; it is made again.

    Raises:
        InputError: The run in the folder is another one; says how.
    """
    found = [*_of_recipe(ready, out), *_of_data(ready, out), *_of_command(command, out), *_of_versions(out)]
    if found:
        raise InputError(f"{out}: the run in it is another one ({'; '.join(found)}); give a new folder, or what it had")
    for folder in [*out.glob("fold_*"), out / "model"]:
        if folder.is_dir():
            shutil.rmtree(folder)
    (out / "metrics.json").unlink(missing_ok=True)
    note(out, "gone on with after it was interrupted")


def finish(out: Path) -> None:
    """Takes the checkpoints away: the run is finished."""
    (out / CHECKPOINTS).rename(out / DONE)
    shutil.rmtree(out / DONE)


def _of_recipe(ready: Prepared, out: Path) -> list[str]:
    there, here = (yaml.safe_load(text) for text in (_read(out / "recipe.yaml"), dump(ready.task.recipe)))
    return [f"recipe: {key} differs" for key in dict.fromkeys([*there, *here]) if there.get(key) != here.get(key)]


def _of_data(ready: Prepared, out: Path) -> list[str]:
    same = json.loads(_read(out / DATA)) == {"sha256": ready.content}
    return [] if same else [f"{DATA}: other rows, labels, vectors or folds"]


def _of_command(command: tuple[str, Options] | None, out: Path) -> list[str]:
    there = command_file.read_command(out)
    if there is None or command is None:
        return [] if there is command else [f"{command_file.NAME}: only one of the two was begun by a command"]
    mine, theirs = (set(options) for options in (command[1], there[1]))
    more = [f"{name} {value} is new" for name, value in sorted(mine - theirs)]
    return more + [f"{name} {value} is missing" for name, value in sorted(theirs - mine)]


def _of_versions(out: Path) -> list[str]:
    there, here = json.loads(_read(out / "versions.json")), versions()
    return [f"{name} {there.get(name)}, here {version}" for name, version in here.items() if there.get(name) != version]


def _read(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: missing, so that the run cannot be gone on with; give a new folder")
    return path.read_text(encoding="utf-8")
