"""A table of predictions that came from a file, and how much that file says."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from heterophony.errors import InputError
from heterophony.predictions.table import Predictions
from heterophony.taxonomy import Taxonomy

Said = Literal["distribution", "top-score", "top"]
"""A score for every class; the top class and its probability; the top class alone."""


@dataclass(frozen=True, eq=False)
class Imported:
    """Predictions over the classes of a tree, in its order.

    Attributes:
        predictions: The table. Where only the top class is known, its logits hold no more than that (see `top_class`).
        said: What the file says of each row.
        groups: What each row belongs to (uploader, location); None where unknown.
        notes: What was made of the file, for people: how its columns were understood, what was left aside.
    """

    predictions: Predictions
    said: Said
    groups: tuple[str | None, ...]
    notes: tuple[str, ...] = ()


def in_tree_order(table: Predictions, taxonomy: Taxonomy, where: str) -> Predictions:
    """The same with its columns in the order of the tree.

    Args:
        table: Any table.
        taxonomy: A tree of the same classes.
        where: What the table is, for messages.

    Raises:
        InputError: The classes are not those of the tree; names them, and the nearest that the tree has.
    """
    if table.classes == taxonomy.classes:
        return table
    try:
        place = np.array([taxonomy.index(key) for key in table.classes], dtype=np.int64)
    except InputError as error:
        raise InputError(f"{where}: {error}; name its own tree with --taxonomy") from error
    lacking = [key for key in taxonomy.classes if key not in table.classes]
    if lacking:
        raise InputError(f"{where}: no column for the classes {', '.join(lacking)} of {taxonomy.name!r}")
    target = np.where(table.target >= 0, place[table.target], -1)
    return Predictions(table.ids, table.logits[:, np.argsort(place)], target, table.fold, taxonomy.classes)
