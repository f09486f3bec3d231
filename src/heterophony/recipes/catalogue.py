"""The recipes that come with the package: a file each, or those of a paper's table in one file.

A file of several has `recipes`, name to what that one says, and `shared`, keys of all that do not have them.
`hloss-0.7` of `presets/bst/table2.yaml` is the recipe `bst/table2/hloss-0.7`, and that is its name without saying so.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from heterophony.errors import ConfigError

Raw = dict[str, Any]
PRESETS = Path(str(files("heterophony.recipes") / "presets"))


class _Loader(yaml.SafeLoader):
    """The safe loader, to which 1e-4 is a number, as in YAML 1.2 (for PyYAML it is text)."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+\Z"), list("-+.0123456789")
)


def preset_names() -> list[str]:
    """The names of the recipes that come with the package, sorted."""
    names = []
    for path in PRESETS.rglob("*.yaml"):
        name = path.relative_to(PRESETS).with_suffix("").as_posix()
        several = read_yaml(path.read_text(encoding="utf-8"), name).get("recipes")
        names += [name] if several is None else [f"{name}/{one}" for one in several]
    return sorted(names)


def read_preset(name: str) -> Raw | None:
    """What the recipe of this name says, its parents not asked; None if there is none."""
    alone = PRESETS / f"{name}.yaml"
    if alone.is_file():
        raw = read_yaml(alone.read_text(encoding="utf-8"), name)
        return None if "recipes" in raw else raw
    table, _, one = name.rpartition("/")
    path = PRESETS / f"{table}.yaml"
    if not table or not path.is_file():
        return None
    raw = read_yaml(path.read_text(encoding="utf-8"), table)
    several = raw.get("recipes", {})
    return {"name": name, **raw.get("shared", {}), **several[one]} if one in several else None


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


def read_yaml(text: str, source: str) -> Raw:
    """The mapping that a text is.

    Args:
        text: YAML.
        source: What to call it in errors.

    Raises:
        ConfigError: It is not YAML, or no mapping.
    """
    try:
        raw = _Loader(text).get_single_data()
    except yaml.YAMLError as error:
        raise ConfigError(f"recipe {source}: not YAML: {error}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"recipe {source}: wanted keys and values, got {type(raw).__name__}")
    return raw
