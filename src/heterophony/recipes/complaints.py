"""What is wrong with a recipe, all of it, each fault with the nearest name that would be right."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_WANTED = {
    "dict_type": "wanted keys and values",
    "model_attributes_type": "wanted keys and values",
    "model_type": "wanted keys and values",
    "tuple_type": "wanted a list",
    "union_tag_not_found": "wanted keys and values, one of them {discriminator}",
}


def complaints(error: ValidationError, model: type[BaseModel]) -> Iterator[str]:
    """One line for each thing that is wrong: where, what, and what was probably meant.

    Args:
        error: What pydantic says.
        model: What the data should have been.
    """
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"] if part != "[key]")
        yield f"  {where}{': ' if where else ''}{_what(fault, model)}"


def nearest(name: str, known: Sequence[str]) -> str:
    """`did you mean x?`, or the list of what there is."""
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"


def _what(fault: ErrorDetails, model: type[BaseModel]) -> str:
    kind, value, context = fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        *path, key = fault["loc"]
        return f"no such key; {nearest(str(key), _fields(model, tuple(map(str, path))))}"
    if kind == "union_tag_invalid":
        key = context["discriminator"].strip("'()")
        return f"no such {key} {context['tag']!r}; {_nearest_of(context['tag'], context)}"
    wanted = _WANTED.get(kind, fault["msg"]).format(**context)
    hint = f"; {_nearest_of(value, context)}" if kind == "literal_error" and isinstance(value, str) else ""
    return f"{wanted}, got {value!r}{hint}"


def _nearest_of(value: str, context: dict[str, Any]) -> str:
    """The nearest of the values that pydantic lists in quotes."""
    return nearest(value, re.findall(r"'([^']*)'", context.get("expected_tags") or context["expected"]))


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
