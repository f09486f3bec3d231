"""Tables of the same samples side by side, fold by fold: what bootstrap and randomisation draw from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from jaxtyping import Int64

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics.confusion import Counts, Scores
from heterophony.metrics.evaluate import WITH_RULE, WITHOUT_RULE
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.metrics.resample import units_of
from heterophony.predictions import Predictions, align
from heterophony.taxonomy import Taxonomy

DRAWABLE = WITHOUT_RULE | WITH_RULE
"""The scores that can be drawn again: those that confusion matrices decide."""


@dataclass(frozen=True, slots=True, eq=False)
class FoldPairs:
    """The labelled rows of one fold, in the order of their ids.

    Attributes:
        fold: Its number.
        pairs: (true, predicted) of each table and row as `true * classes + predicted`.
        units: For each row the number of what is drawn together: the row itself, or its group.
    """

    fold: int
    pairs: Int64[np.ndarray, "tables rows"]
    units: Int64[np.ndarray, " rows"]


def fold_pairs(
    tables: Sequence[Predictions], taxonomy: Taxonomy, groups: Sequence[str | None] | None
) -> Iterator[FoldPairs]:
    """The folds of some tables that have labelled rows.

    Args:
        tables: Of the same ids, in any order. A target that one of them knows counts for all.
        taxonomy: Their tree.
        groups: For each row of the first table what it is drawn with; None draws rows.

    Raises:
        AlignmentError: If the tables differ in ids, classes, folds or known targets, or are not over the tree.
        InputError: If no target is known, or a fold has a single row or group.
        ConfigError: If there are not as many groups as rows.
    """
    first = tables[0]
    if first.classes != taxonomy.classes:
        raise AlignmentError(f"the predictions are not over the classes of {taxonomy.name!r}, or in another order")
    named = [None] * len(first) if groups is None else groups
    if len(named) != len(first):
        raise ConfigError(f"metrics: {len(named)} groups for {len(first)} rows; give one each, None where unknown")
    aligned = [first, *(align(first, other, same_folds=True) for other in tables[1:])]
    # A target that only some of the tables know is -1 in the others.
    target = np.max([table.target for table in aligned], axis=0).astype(np.int64)
    pairs = np.stack([target * taxonomy.n_classes + table.logits.argmax(axis=1) for table in aligned])
    by_id = np.array(sorted(range(len(first)), key=first.ids.__getitem__), dtype=np.int64)
    labelled = by_id[target[by_id] >= 0]
    if not len(labelled):
        raise InputError("metrics: no labelled sample to draw; give rows whose target is known")
    for fold in np.unique(first.fold[labelled]).tolist():
        rows = labelled[first.fold[labelled] == fold]
        units = units_of([named[row] for row in rows])
        if not units.any():
            raise InputError(f"metrics: fold {fold} has a single row or group; draw by row, or join folds")
        yield FoldPairs(fold, pairs[:, rows], units)


def refuse_undrawable(scores: Sequence[str]) -> None:
    """Refuses scores that are not in `DRAWABLE`.

    Raises:
        ConfigError: Names the nearest.
    """
    for score in scores:
        if score not in DRAWABLE:
            near = get_close_matches(score, DRAWABLE, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"wanted one of {', '.join(DRAWABLE)}"
            raise ConfigError(f"metrics: no score {score!r} of confusion matrices; {hint}")


def score_of(name: str, counts: Counts, taxonomy: Taxonomy, never_predicted: NeverPredicted = "zero") -> Scores:
    """A score in `DRAWABLE` of each matrix of a stack."""
    if name in WITH_RULE:
        return WITH_RULE[name](counts, taxonomy, never_predicted)
    return WITHOUT_RULE[name](counts, taxonomy)
