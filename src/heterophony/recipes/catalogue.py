"""The recipes that come with the package: a file each, or those of a paper's table in one file.

A file of several has `recipes`, name to what that one says, and `shared`, keys of all that do not have them.
`hloss-0.7` of `presets/bst/table2.yaml` is the recipe `bst/table2/hloss-0.7`, and that is its name without saying so.
With `bases`, short name to recipe, every recipe of the file is there once for each base, which it extends and is
compared with: `mixup-0.2` of `presets/ladder.yaml` on `esc50` is `ladder/esc50/mixup-0.2`.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
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
    names: list[str] = []
    for path in PRESETS.rglob("*.yaml"):
        name, raw = path.relative_to(PRESETS).with_suffix("").as_posix(), _file(path)
        names += [f"{name}/{one}" for one in several(raw)] if "recipes" in raw else [name]
    return sorted(names)


def read_preset(name: str) -> Raw | None:
    """What the recipe of this name says, its parents not asked; None if there is none."""
    parts = name.split("/")
    for cut in range(len(parts), 0, -1):
        path = PRESETS / f"{'/'.join(parts[:cut])}.yaml"
        if path.is_file():
            raw = deepcopy(_file(path))
            if "recipes" not in raw:
                return raw if cut == len(parts) else None
            one = several(raw).get("/".join(parts[cut:]))
            return None if one is None else {"name": name, **one}
    return None


@cache
def _file(path: Path) -> Raw:
    """A file of the package, read once; not to be changed."""
    return read_yaml(path.read_text(encoding="utf-8"), path.relative_to(PRESETS).with_suffix("").as_posix())


def several(raw: Raw) -> dict[str, Raw]:
    """The recipes of a file of several, by their names in it."""
    shared, recipes = raw.get("shared", {}), raw["recipes"]
    if "bases" not in raw:
        return {name: {**shared, **says} for name, says in recipes.items()}
    return {
        f"{short}/{name}": {"extends": base, "baseline": base, **shared, **says}
        for short, base in raw["bases"].items()
        for name, says in recipes.items()
    }


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
