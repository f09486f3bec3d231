"""What every way to split needs: labels and groups as numbers, checked, and the draw of the validation clips."""

import math
import warnings
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from jaxtyping import Int

from heterophony.errors import InputError

VALIDATION_SHARE = 0.2
_GROUPED_PARTS = round(1 / VALIDATION_SHARE)


def hold_out(
    target: Int[np.ndarray, " n"], group: Int[np.ndarray, " n"] | None, seed: int
) -> tuple[Int[np.ndarray, " kept"], Int[np.ndarray, " held"]]:
    """Take 20 % of some rows for validation, stratified by class, and by group if given.

    Args:
        target: Class of each row, `[n]`.
        group: Group of each row, `[n]`, or None.
        seed: Of the splitter.

    Returns:
        Indices into the rows: (kept for training, held out), in the order that the splitter gives.

    Raises:
        InputError: Too few rows or groups.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedShuffleSplit

    counts = np.bincount(target)
    classes = int((counts > 0).sum())
    if group is None:
        if counts[counts > 0].min() < 2 or math.ceil(VALIDATION_SHARE * len(target)) < classes:
            raise InputError(
                f"{len(target)} clips of {classes} classes outside a test fold: too few to take 20 % for validation; "
                "each class needs at least two there, and there must be five clips for every class on average"
            )
        splitter = StratifiedShuffleSplit(1, test_size=VALIDATION_SHARE, random_state=seed)
        kept, held = next(splitter.split(target, target))
        return kept, held
    if len(np.unique(group)) < _GROUPED_PARTS:
        raise InputError(
            f"{len(np.unique(group))} groups outside the test fold; validation by group needs {_GROUPED_PARTS}"
        )
    if counts.max() < _GROUPED_PARTS:
        raise InputError(
            f"{len(target)} clips of {classes} classes outside a test fold, at most {counts.max()} of one class; "
            f"validation by group needs {_GROUPED_PARTS} of one class at least"
        )
    with warnings.catch_warnings():  # a class with fewer than five clips left gets a share as near as can be
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        grouped = StratifiedGroupKFold(_GROUPED_PARTS, shuffle=True, random_state=seed)
        kept, held = next(grouped.split(target, target, group))
    return kept, held


def codes(labels: Sequence[Hashable]) -> Int[np.ndarray, " n"]:
    """Classes as numbers, in the sorted order of the labels."""
    if not len(labels):
        raise InputError("no labels: nothing to split")
    if any(label is None for label in labels):
        raise InputError("some clips have no label; leave them out before splitting")
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64)


def check_sizes(labels: Sequence[Hashable], folds: int) -> None:
    """Refuse classes with fewer clips than folds."""
    if folds < 2:
        raise InputError(f"at least 2 folds are needed, {folds} came")
    small = sorted(f"{label} ({count})" for label, count in Counter(labels).items() if count < folds)
    if small:
        raise InputError(
            f"{len(small)} classes have fewer than {folds} clips: {', '.join(small[:8])}; "
            f"leave them out, merge them or ask for fewer folds"
        )


def missing(values: Sequence[Hashable | None], ids: Sequence[str] | None) -> list[str]:
    """The clips whose value is unknown, by id or row."""
    rows = [row for row, value in enumerate(values) if value is None or value == ""]
    return [str(row) if ids is None else ids[row] for row in rows]


def group_codes(groups: Sequence[Hashable | None], n: int, ids: Sequence[str] | None) -> Int[np.ndarray, " n"]:
    """Groups as numbers; an unknown group is refused."""
    unknown = missing(groups, ids)
    if unknown:
        raise InputError(
            f"{len(unknown)} clips have no group: {', '.join(unknown[:8])}; fill in the column, or name each clip's own"
        )
    if len(groups) != n:
        raise InputError(f"{n} labels but {len(groups)} groups: they must be as many")
    return np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1].astype(np.int64)
