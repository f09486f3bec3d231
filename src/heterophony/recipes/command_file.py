"""`command.json` of a run: what was asked for, so that it can be asked for again; no path of this machine in it."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path

from heterophony.errors import InputError

NAME = "command.json"
AWAY = "…/"
"""Begins a path that was somewhere else on the machine of the run."""
OF_THE_RECIPE = ("--seed", "--split")
"""Options whose effect is in `recipe.yaml` and `split.csv`."""

Options = Sequence[tuple[str, str]]


def told(path: str | Path) -> str:
    """A path as a run may tell it: relative as given; below the working folder relative to it; else its name only.

    >>> told("data/m.csv"), told("/somewhere/else/m.csv")
    ('data/m.csv', '…/m.csv')
    """
    given = Path(path)
    if not given.is_absolute():
        return str(path)
    if given.is_relative_to(Path.cwd()):
        return given.relative_to(Path.cwd()).as_posix()
    return AWAY + given.name


def write_command(recipe: str, options: Options, out: Path) -> None:
    """Writes what decides a run: the recipe as it was named, and the options in their order."""
    content = {"command": "train", "recipe": recipe, "options": [list(pair) for pair in options]}
    (out / NAME).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_command(run: Path) -> tuple[str, list[tuple[str, str]]] | None:
    """The recipe and the options; None where they were not written down.

    Raises:
        InputError: The file is there, and something else.
    """
    path = run / NAME
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return str(content["recipe"]), [(str(option), str(value)) for option, value in content["options"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not what `heterophony train` writes ({error!r}); delete it to do without") from error


def in_words(recipe: str, options: Options) -> str:
    """What was run, as a shell takes it."""
    return shlex.join(["heterophony", "train", recipe, *(word for pair in options for word in pair)])


def again(options: Options) -> str:
    """What gives the same predictions, as a shell takes it in the folder of the run; the data are called DATA.

    The recipe of the run is complete and its split is written down, so neither the recipe's name nor the version of
    the package's recipes matters.
    """
    kept = [(option, value) for option, value in options if option not in (*OF_THE_RECIPE, "--data")]
    words = ["heterophony", "train", "recipe.yaml", "--data", "DATA", "--split", "split.csv", "--out", "../again"]
    return shlex.join([*words, *(word for pair in kept for word in pair)])
