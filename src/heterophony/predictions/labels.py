"""What a table of labels adds to predictions: targets, folds, groups, by id."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from heterophony.errors import AlignmentError, InputError
from heterophony.predictions.columns import OF_LABELS, Columns, class_indices, no_column, read_columns
from heterophony.predictions.read_table import fold_numbers
from heterophony.predictions.said import Imported
from heterophony.taxonomy import Taxonomy


def with_labels(given: Imported, path: Path, taxonomy: Taxonomy) -> Imported:
    """The same with the targets of another table, and its folds and groups where it has them.

    Args:
        given: Predictions; targets that they know themselves must be the same.
        path: A table with an id and a label (`target`, `ground_truth`, `label` or `class`), maybe of more clips.
        taxonomy: The tree of both.

    Raises:
        InputError: The table cannot be read, or a class is not in the tree.
        AlignmentError: It lacks a clip, or knows another target for one; names them.
    """
    columns = read_columns(path, OF_LABELS)
    if "target" not in columns.fields:
        raise InputError(f"{path}: {no_column(columns, 'label', OF_LABELS['target'])}")
    table = given.predictions
    row_of = {key: row for row, key in enumerate(columns.of("id") or ())}
    lacking = [key for key in table.ids if key not in row_of]
    if lacking:
        raise AlignmentError(f"{path}: no row for {_some(lacking)}; every predicted clip needs one")
    labels = _rows(columns, [row_of[key] for key in table.ids])
    target = class_indices(labels, "target", taxonomy, may_lack=True)
    disputed = np.flatnonzero((table.target >= 0) & (target >= 0) & (table.target != target))
    if len(disputed):
        named = _some([table.ids[row] for row in disputed])
        raise AlignmentError(f"{path}: other labels than the predictions have for {named}; which is right?")
    fold = fold_numbers(labels) if "fold" in labels.fields else table.fold
    groups = given.groups
    cells = labels.of("group")
    if cells is not None:
        groups = tuple(key or own for key, own in zip(cells, given.groups, strict=True))
    filled = replace(table, target=np.maximum(table.target, target), fold=fold)
    beyond = len(columns) - len(table)
    notes = (f"{beyond} clips of {path.name} have no prediction and are not scored",) if beyond else ()
    return replace(given, predictions=filled, groups=groups, notes=(*given.notes, *notes))


def _rows(columns: Columns, rows: list[int]) -> Columns:
    cells = {name: [columns.cells[name][row] for row in rows] for name in columns.fields.values()}
    return Columns(columns.path, cells, [columns.numbers[row] for row in rows], columns.fields)


def _some(names: list[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
