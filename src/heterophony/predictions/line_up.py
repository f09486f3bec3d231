"""Tables of the same clips in one order, with one set of targets, folds and groups."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from heterophony.errors import AlignmentError
from heterophony.predictions.said import Imported
from heterophony.predictions.table import Predictions, align


def line_up(tables: Mapping[str, Imported]) -> dict[str, Imported]:
    """The tables with the rows of the first that has folds (else of the first), in its order.

    A table without folds (all 0) takes theirs, with a note; a target or group that one table knows counts for all.

    Args:
        tables: Name to table, one or more.

    Raises:
        AlignmentError: Two tables differ in ids, classes, folds or known targets; names the tables and the ids.
    """
    chief = next((name for name, one in tables.items() if one.predictions.fold.any()), next(iter(tables)))
    reference = tables[chief].predictions
    ordered: dict[str, Predictions] = {}
    for name, one in tables.items():
        bare = bool(reference.fold.any()) and not one.predictions.fold.any()
        try:
            ordered[name] = align(reference, one.predictions, same_folds=not bare)
        except AlignmentError as error:
            raise AlignmentError(f"{chief} (first) and {name} (second): {error}") from error
        reference = replace(reference, target=np.maximum(reference.target, ordered[name].target))
    groups = _groups(tables, reference)
    lined = {}
    for name, one in tables.items():
        lent = (f"its folds are those of {chief}",) if (ordered[name].fold != reference.fold).any() else ()
        table = replace(ordered[name], target=reference.target, fold=reference.fold)
        lined[name] = Imported(table, one.said, groups, (*one.notes, *lent))
    return lined


def _groups(tables: Mapping[str, Imported], reference: Predictions) -> tuple[str | None, ...]:
    """For each row of the reference the group that the first table has that knows it."""
    known: dict[str, str] = {}
    for one in reversed(list(tables.values())):
        known |= {key: group for key, group in zip(one.predictions.ids, one.groups, strict=True) if group is not None}
    return tuple(known.get(key) for key in reference.ids)
