"""Recipes by name or file: `extends` resolved, everything that is wrong reported at once, with the nearest name."""

import json
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from heterophony.errors import ConfigError
from heterophony.recipes.catalogue import Raw, merge, preset_names, read_preset, read_yaml
from heterophony.recipes.complaints import complaints, nearest
from heterophony.recipes.spec import EnsembleRecipe, Recipe

SUFFIXES = (".yaml", ".yml")


def load_recipe(source: str) -> Recipe:
    """The recipe of that name, or in that `.yaml` file.

    Raises:
        ConfigError: No such recipe, a file that is no mapping, an `extends` that runs in a circle, or keys and values
            that are not known: all of them in one message, each with the nearest name; or it is an ensemble.
    """
    found = load_any(source)
    if isinstance(found, EnsembleRecipe):
        raise ConfigError(f"{source} is an ensemble of {len(found.ensemble)} recipes; `heterophony sweep` runs it")
    return found


def load_any(source: str) -> Recipe | EnsembleRecipe:
    """The recipe, or the ensemble of recipes, of that name, or in that file; see `load_recipe`."""
    raw = resolve(source, ())
    model = EnsembleRecipe if "ensemble" in raw else Recipe
    try:
        return model.model_validate_json(json.dumps(_with_defaults(raw), default=str))
    except ValidationError as error:
        raise ConfigError(f"recipe {source}:\n" + "\n".join(complaints(error, model))) from error


def names_like(pattern: str) -> list[str]:
    """The names of the package's recipes that a pattern means: 'bst/table3/*', or a name.

    Raises:
        ConfigError: None; the nearest is given.
    """
    there = preset_names()
    found = [name for name in there if fnmatch(name, pattern)]
    if not found:
        raise ConfigError(f"no recipe {pattern!r}; {nearest(pattern, there)} (`heterophony recipes list` shows all)")
    return found


def as_recipe(raw: Mapping[str, Any]) -> Recipe:
    """Typed data from plain data, by the rules of JSON: a list is a tuple, but "5" is no number.

    Raises:
        ValidationError: Something in it is not known or of another type.
    """
    return Recipe.model_validate_json(json.dumps(_with_defaults(raw), default=str))


def _with_defaults(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The usual noise and masking are of stored vectors: a recipe that trains encoders has them where it says so."""
    return {"augment": [], **raw} if raw.get("joint") else raw


def resolve(source: str, children: tuple[str, ...]) -> Raw:
    """The mapping of a recipe over that of its parent, and so on up. A parent's file is sought beside the child's.

    What others measured with the parent is not said of the child: `published` is not handed down.
    """
    if source in children:
        raise ConfigError(f"recipe {source}: extends itself, by way of {' -> '.join([*children, source])}")
    raw = _read(source)
    parent = raw.pop("extends", None)
    if parent is None:
        return merge({}, raw)
    if not isinstance(parent, str):
        raise ConfigError(f"recipe {source}: extends: wanted the name of a recipe, got {parent!r}")
    if parent.endswith(SUFFIXES):
        parent = str((Path(source).parent / parent).resolve())
        source = str(Path(source).resolve())
    above = resolve(parent, (*children, source))
    return merge({key: value for key, value in above.items() if key != "published"}, raw)


def dump(recipe: Recipe | EnsembleRecipe) -> str:
    """The complete recipe as YAML, defaults written out."""
    text: str = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    return text


def _read(source: str) -> Raw:
    """The mapping of one file, without its parents'."""
    given = Path(source)
    if given.suffix in SUFFIXES:
        if not given.is_file():
            raise ConfigError(f"recipe {source}: no such file")
        return read_yaml(_text(given), source)
    raw = read_preset(source)
    if raw is None:
        raise ConfigError(
            f"no recipe {source!r}; {nearest(source, preset_names())} (`heterophony recipes list` shows all, "
            "and a .yaml file will do)"
        )
    return raw


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"recipe {path}: not text in UTF-8: {error}") from error
