"""Predictions of any origin: a run's folder, our .npz, another tool's table, a folder of logits."""

from pathlib import Path
from zipfile import is_zipfile

import numpy as np

from heterophony.errors import InputError
from heterophony.predictions.columns import read_columns
from heterophony.predictions.labels import with_labels
from heterophony.predictions.npy_folder import read_npy_folder
from heterophony.predictions.read_table import from_columns
from heterophony.predictions.run_folder import is_run, read_run
from heterophony.predictions.said import Imported, Said, in_tree_order
from heterophony.predictions.table import ARRAYS, Predictions
from heterophony.taxonomy import Taxonomy

__all__ = ["Imported", "Said", "read_predictions"]


def read_predictions(path: Path, taxonomy: Taxonomy, labels: Path | None = None) -> Imported:
    """Reads predictions.

    Args:
        path: One of

            * a table (.csv, .tsv, .jsonl, .parquet) with an id, a predicted class with or without its probability, or
              one column per class (probabilities or logits); target, fold and group where known (see `SYNONYMS`);
            * a .npz that `Predictions.save` wrote, or with arrays named like those columns;
            * a folder of `<id>.npy`, the scores of all classes;
            * the folder of a run: all its folds.
        taxonomy: The tree of the classes.
        labels: A table of id and label, where the predictions have none.

    Raises:
        InputError: Nothing of this kind is there, or a row of it is impossible; names file, line and id.
        AlignmentError: The labels are of other clips, or contradict the targets.
    """
    if path.is_dir():
        _refuse_folder_of_runs(path)
        given = read_run(path, taxonomy) if is_run(path) else read_npy_folder(path, taxonomy)
    elif not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    elif path.suffix.lower() == ".npz" and _is_ours(path):
        table = in_tree_order(Predictions.load(path), taxonomy, str(path))
        given = Imported(table, "distribution", (None,) * len(table), ("logits of all classes",))
    else:
        given = from_columns(read_columns(path), taxonomy)
    return given if labels is None else with_labels(given, labels, taxonomy)


def _is_ours(path: Path) -> bool:
    """Whether an archive has the arrays of `Predictions.save`; one that cannot be opened is refused later, by name."""
    if not is_zipfile(path):
        return False
    with np.load(path, allow_pickle=False) as archive:
        return set(ARRAYS) <= set(archive.files)


def _refuse_folder_of_runs(path: Path) -> None:
    """Refuses the folder of a sweep, or of several seeds."""
    runs = [] if is_run(path) else sorted(inner.name for inner in path.iterdir() if inner.is_dir() and is_run(inner))
    if runs:
        named = ", ".join(runs[:5]) + (" ..." if len(runs) > 5 else "")
        raise InputError(f"{path}: holds {len(runs)} runs, {named}; name one of them, or several")
