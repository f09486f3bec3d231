"""Leakage between the folds of a split: tested rows that have a twin among the rows of the other folds.

A twin is a row of the same source (two clips cut from one recording), of the same group (one uploader, one place), or a
near-duplicate (`near_duplicates.py`). Rows that choose the epoch (validation) count like training rows. A row of `fold`
-1 is never tested: it lies beside the collection and may be trained on in every fold.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int

from heterophony.metrics.confusion import confusion_matrix
from heterophony.metrics.evaluate import evaluate_confusion
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Twins:
    """Which rows have a twin in another fold.

    Attributes:
        known: Rows that are tested and whose key or vector is known.
        twin: The row of the twin; -1 where there is none.
        cosine: Of the row and the most similar row of the other folds, -1..1; nan where keys are compared, or nothing.
        equal: Rows whose vector is that of the twin, number by number.
    """

    known: Bool[np.ndarray, " rows"]
    twin: Int[np.ndarray, " rows"]
    cosine: Float64[np.ndarray, " rows"]
    equal: Bool[np.ndarray, " rows"]

    @property
    def doubtful(self) -> Bool[np.ndarray, " rows"]:
        """Tested rows that have a twin."""
        return np.asarray(self.twin >= 0)


def same_key(keys: Sequence[str | None], target: Int[np.ndarray, " rows"], fold: Int[np.ndarray, " rows"]) -> Twins:
    """Rows whose key (source, group) another fold has too. The twin has the same class where one of them has.

    Args:
        keys: One per row; None where unknown.
        target: Class of each row; -1 where unknown.
        fold: The fold that tests each row; -1 for rows beside.
    """
    known = np.array([key is not None for key in keys], dtype=np.bool_) & (fold >= 0)
    first: dict[str, dict[tuple[int, int], int]] = defaultdict(dict)
    cells = list(zip(fold.tolist(), target.tolist(), strict=True))
    for row, key in enumerate(keys):
        if key is not None:
            first[key].setdefault(cells[row], row)
    twin = np.full(len(keys), -1, dtype=np.int64)
    for row in np.flatnonzero(known).tolist():
        own, label = cells[row]
        others = [(other != label, at) for (where, other), at in first[keys[row] or ""].items() if where != own]
        if others:
            twin[row] = min(others)[1]
    return Twins(known=known, twin=twin, cosine=np.full(len(keys), np.nan), equal=np.zeros(len(keys), dtype=np.bool_))


def scores_without(
    predictions: Predictions, taxonomy: Taxonomy, doubtful: Collection[str], names: Sequence[str]
) -> dict[str, tuple[float, float | None]]:
    """Name to the mean score over the folds: of all labelled rows, and of those that are not doubtful.

    Args:
        predictions: Over the classes of the tree.
        taxonomy: The tree.
        doubtful: Ids.
        names: Scores that a confusion matrix decides; see `evaluate_confusion`.

    Returns:
        Fractions of 1; None where no labelled row is left. A fold of which none is left does not count.
    """
    clean = np.array([key not in doubtful for key in predictions.ids], dtype=np.bool_)
    everything = _mean_scores(predictions, taxonomy, np.ones(len(clean), dtype=np.bool_))
    without = _mean_scores(predictions, taxonomy, clean)
    return {name: (everything[name], without.get(name)) for name in names if name in everything}


def _mean_scores(predictions: Predictions, taxonomy: Taxonomy, rows: Bool[np.ndarray, " rows"]) -> dict[str, float]:
    """The scores of each fold's rows, averaged over the folds; empty where no row has a label."""
    rows = rows & (predictions.target >= 0)
    said = predictions.logits.argmax(axis=1)
    folds = []
    for number in np.unique(predictions.fold[rows]):
        held = rows & (predictions.fold == number)
        counts = confusion_matrix(predictions.target[held], said[held], taxonomy.n_classes)
        folds.append(evaluate_confusion(counts, taxonomy))
    return {name: float(np.mean([fold[name] for fold in folds])) for name in (folds[0] if folds else ())}
