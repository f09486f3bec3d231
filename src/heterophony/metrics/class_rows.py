"""What a table is worth class by class, over all its folds together."""

from dataclasses import dataclass

import numpy as np

from heterophony.metrics.confusion import confusion_matrix
from heterophony.metrics.hierarchical import per_class
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True)
class ClassRow:
    """One class. All scores are fractions of 1; None where they are not defined.

    Attributes:
        key: Of the class.
        samples: How often it is the true one.
        predicted: How often it is predicted.
        precision: Share of its predictions that are right; None if it is never predicted.
        recall: Share of its samples that are found; None if it has none.
        hierarchical_f1: hF_c (see `hierarchical.py`); None if it has no samples.
        never_in: The folds in which it occurs and is never predicted.
    """

    key: str
    samples: int
    predicted: int
    precision: float | None
    recall: float | None
    hierarchical_f1: float | None
    never_in: tuple[int, ...]


def class_rows(table: Predictions, taxonomy: Taxonomy) -> list[ClassRow]:
    """One row for each class of the tree, in its order.

    Args:
        table: Rows with known targets only.
        taxonomy: Its tree.
    """
    said, folds = table.logits.argmax(axis=1), np.unique(table.fold)
    parts = {
        int(fold): confusion_matrix(table.target[table.fold == fold], said[table.fold == fold], taxonomy.n_classes)
        for fold in folds
    }
    counts = np.sum(list(parts.values()), axis=0)
    never = {fold: per_class(part, taxonomy).never_predicted for fold, part in parts.items()}
    f1 = per_class(counts, taxonomy).f1
    truth, called, hits = counts.sum(axis=1), counts.sum(axis=0), counts.diagonal()
    return [
        ClassRow(
            key=key,
            samples=int(truth[c]),
            predicted=int(called[c]),
            precision=float(hits[c] / called[c]) if called[c] else None,
            recall=float(hits[c] / truth[c]) if truth[c] else None,
            hierarchical_f1=float(f1[c]) if truth[c] else None,
            never_in=tuple(fold for fold, classes in never.items() if classes[c]),
        )
        for c, key in enumerate(taxonomy.classes)
    ]
