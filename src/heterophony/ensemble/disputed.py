"""What a search over subsets has to look at, fold by fold, laid out for the kernel: the disputed rows alone.

The rows of a fold stand in order of how many classes may win them (`candidates.py`), most first; entries are stored by
the rank of the class within its row: the lowest class of every row, then the second of every row, then the third of
those that have one. So each pass of the kernel walks contiguous memory, and no row carries classes it cannot get.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int, Int32, Int64, UInt32

from heterophony.ensemble.candidates import can_win
from heterophony.ensemble.member_values import MemberValues

LANES = 16
"""Rows of a padded confusion matrix are a multiple of this: one AVX-512 register of 32-bit counts."""


@dataclass(frozen=True, eq=False)
class FoldRows:
    """The disputed rows of one fold, and what is known of the others.

    Attributes:
        values: What each member adds to each candidate.
        cells: For each entry the cell of the padded confusion matrix that counts when its class wins.
        counts: How many rows have a first, a second, ... candidate.
        base: Confusion of the rows that are decided, columns padded to a multiple of `LANES`.
        truth: Rows per class of the whole fold.
        rows: Of the whole fold.
    """

    values: Float32[np.ndarray, "members entries"]
    cells: UInt32[np.ndarray, " entries"]
    counts: Int64[np.ndarray, " ranks"]
    base: Int32[np.ndarray, "classes width"]
    truth: Int64[np.ndarray, " classes"]
    rows: int


def fold_rows(data: MemberValues) -> dict[int, FoldRows]:
    """The rows of each fold, by fold number."""
    held = {number: data.fold == number for number in data.folds}
    return {number: _packed(data.values[:, rows], data.target[rows]) for number, rows in held.items()}


def _packed(values: Float32[np.ndarray, "members rows classes"], target: Int[np.ndarray, " rows"]) -> FoldRows:
    """One fold."""
    classes = values.shape[2]
    width = -(-classes // LANES) * LANES
    left = can_win(values)
    size = left.sum(axis=1)
    base = np.zeros((classes, width), dtype=np.int32)
    np.add.at(base, (target[size == 1], left[size == 1].argmax(axis=1)), 1)
    order = np.argsort(-size, kind="stable")
    order = order[size[order] > 1]
    counts = [int((size[order] > rank).sum()) for rank in range(int(size[order].max(initial=1)))]
    # Candidates of each row in ascending order of class, then the classes that are out.
    ranked = np.argsort(~left[order], axis=1, kind="stable")
    row = np.concatenate([order[:count] for count in counts])
    column = np.concatenate([ranked[:count, rank] for rank, count in enumerate(counts)])
    return FoldRows(
        values=np.ascontiguousarray(values[:, row, column]),
        cells=(target[row].astype(np.int64) * width + column).astype(np.uint32),
        counts=np.array(counts, dtype=np.int64),
        base=base,
        truth=np.bincount(target, minlength=classes).astype(np.int64),
        rows=len(target),
    )
