"""In which keys two recipes differ."""

import json
from collections.abc import Iterator, Mapping

from heterophony.recipes.spec import EnsembleRecipe, Recipe

ABSENT = "(not there)"
ABOUT = ("name", "about", "notes", "published", "baseline")
"""What is said of a recipe and does not change what it does."""


def differences(one: Recipe | EnsembleRecipe, other: Recipe | EnsembleRecipe) -> list[tuple[str, str, str]]:
    """(Key with dots, value in the first, value in the second), in the order of the keys; values as JSON.

    Names, descriptions and published numbers are left out.
    """
    mine, theirs = (dict(_flat(recipe.model_dump(mode="json", exclude=set(ABOUT)))) for recipe in (one, other))
    keys = dict.fromkeys([*mine, *theirs])
    pairs = [(key, mine.get(key, ABSENT), theirs.get(key, ABSENT)) for key in keys]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _flat(values: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf with its path; lists are leaves."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", json.dumps(value, ensure_ascii=False)
