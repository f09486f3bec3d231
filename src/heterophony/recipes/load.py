"""Recipes by name or file: `extends` resolved, everything that is wrong reported at once, with the nearest name."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from heterophony.errors import ConfigError
from heterophony.recipes.spec import Recipe

Raw = dict[str, Any]
PRESETS = files("heterophony.recipes") / "presets"


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
    raw = resolve(source, ())
    try:
        return Recipe.model_validate(raw, strict=False)
    except ValidationError as error:
        raise ConfigError(f"recipe {source}:\n" + "\n".join(_complaints(error))) from error


def resolve(source: str, children: tuple[str, ...]) -> Raw:
    """The mapping of a recipe over that of its parent, and so on up."""
    if source in children:
        raise ConfigError(f"recipe {source}: extends itself, by way of {' -> '.join([*children, source])}")
    raw = _read(source)
    parent = raw.pop("extends", None)
    if parent is None:
        return raw
    if not isinstance(parent, str):
        raise ConfigError(f"recipe {source}: extends: wanted the name of a recipe, got {parent!r}")
    return merge(resolve(parent, (*children, source)), raw)


def merge(parent: Mapping[str, Any], child: Mapping[str, Any]) -> Raw:
    """`child` over `parent`: mappings are merged key by key, anything else is replaced; null takes a key away."""
    merged = dict(parent)
    for key, value in child.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = merge(merged[key], value)
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
    if given.suffix in (".yaml", ".yml"):
        if not given.is_file():
            raise ConfigError(f"recipe {source}: no such file")
        text = given.read_text(encoding="utf-8")
    elif source in preset_names():
        text = (PRESETS / f"{source}.yaml").read_text(encoding="utf-8")
    else:
        near = get_close_matches(source, preset_names(), n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"no recipe {source!r}{hint} (there are: {', '.join(preset_names())}; or give a .yaml file)")
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"recipe {source}: not YAML: {error}") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"recipe {source}: wanted keys and values, got {type(raw).__name__}")
    return raw


def _complaints(error: ValidationError) -> Iterator[str]:
    """One line for each thing that is wrong."""
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"])
        if fault["type"] != "extra_forbidden":
            yield f"  {where}: {fault['msg']}, got {fault['input']!r}"
            continue
        *path, key = fault["loc"]
        known = _fields(Recipe, tuple(map(str, path)))
        near = get_close_matches(str(key), known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
        yield f"  {where}: no such key; {hint}"


def _fields(model: type[BaseModel], path: tuple[str, ...]) -> list[str]:
    """The keys that are known at `path`: walks through models, containers and tagged unions."""
    found: list[type[BaseModel]] = [model]
    for part in path:
        stepped = [
            inner
            for one in found
            for inner in (_models(one.model_fields[part].annotation) if part in one.model_fields else [one])
        ]
        tagged = [one for one in stepped if _tag(one) == part]
        found = tagged or stepped
    return sorted({name for one in found for name in one.model_fields})


def _tag(model: type[BaseModel]) -> str | None:
    """The value of the field that tells the members of a union apart."""
    for key in ("name", "kind"):
        values = get_args(model.model_fields[key].annotation) if key in model.model_fields else ()
        if len(values) == 1:
            return str(values[0])
    return None


def _models(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401 - any type expression
    """The models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Union, UnionType, Annotated, dict, tuple):
        return [model for part in get_args(annotation) for model in _models(part)]
    return []
