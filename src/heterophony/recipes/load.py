"""Recipes by name or file: `extends` resolved, everything that is wrong reported at once, with the nearest name."""

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from heterophony.errors import ConfigError
from heterophony.recipes.complaints import complaints, nearest
from heterophony.recipes.spec import Recipe

Raw = dict[str, Any]
PRESETS = files("heterophony.recipes") / "presets"
SUFFIXES = (".yaml", ".yml")


class _Loader(yaml.SafeLoader):
    """The safe loader, to which 1e-4 is a number, as in YAML 1.2 (for PyYAML it is text)."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+\Z"), list("-+.0123456789")
)


def preset_names() -> list[str]:
    """The names of the recipes that come with the package, sorted."""
    root = Path(str(PRESETS))
    return sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.yaml"))


def load_recipe(source: str) -> Recipe:
    """The recipe of that name, or in that `.yaml` file.

    Raises:
        ConfigError: No such recipe, a file that is no mapping, an `extends` that runs in a circle, or keys and values
            that are not known: all of them in one message, each with the nearest name.
    """
    try:
        return as_recipe(resolve(source, ()))
    except ValidationError as error:
        raise ConfigError(f"recipe {source}:\n" + "\n".join(complaints(error, Recipe))) from error


def as_recipe(raw: Mapping[str, Any]) -> Recipe:
    """Typed data from plain data, by the rules of JSON: a list is a tuple, but "5" is no number.

    Raises:
        ValidationError: Something in it is not known or of another type.
    """
    return Recipe.model_validate_json(json.dumps(raw, default=str))


def resolve(source: str, children: tuple[str, ...]) -> Raw:
    """The mapping of a recipe over that of its parent, and so on up. A parent's file is sought beside the child's."""
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
    return merge(resolve(parent, (*children, source)), raw)


def merge(parent: Mapping[str, Any], child: Mapping[str, Any]) -> Raw:
    """`child` over `parent`: mappings are merged key by key, anything else is replaced; null takes a key away."""
    merged = dict(parent)
    for key, value in child.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            under = merged.get(key)
            merged[key] = merge(under if isinstance(under, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def dump(recipe: Recipe) -> str:
    """The complete recipe as YAML, defaults written out."""
    text: str = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    return text


def _read(source: str) -> Raw:
    """The mapping of one file, without its parents'."""
    given = Path(source)
    if given.suffix in SUFFIXES:
        if not given.is_file():
            raise ConfigError(f"recipe {source}: no such file")
        text = _text(given)
    elif source in preset_names():
        text = (PRESETS / f"{source}.yaml").read_text(encoding="utf-8")
    else:
        names = preset_names()
        raise ConfigError(
            f"no recipe {source!r}; {nearest(source, names)} (`heterophony recipes list` shows all, "
            "and a .yaml file will do)"
        )
    try:
        raw = _Loader(text).get_single_data()
    except yaml.YAMLError as error:
        raise ConfigError(f"recipe {source}: not YAML: {error}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"recipe {source}: wanted keys and values, got {type(raw).__name__}")
    return raw


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"recipe {path}: not text in UTF-8: {error}") from error
