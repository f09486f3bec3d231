"""One fold whose test part others have fixed: a column that says `train` and `test`, as in many public data sets.

The test part never chooses anything: what chooses the epoch is held out of the training part, whole groups (places,
uploaders) where they are known. The public code of one of the systems on TAU chose by the test part (audio_visual.md
A.7); this is the remedy.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from heterophony.clips.hold_out import codes, group_codes, hold_out, missing
from heterophony.clips.splits import Split
from heterophony.errors import InputError

PARTS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}
"""What a part may be called."""


def is_official(fold: Sequence[str | int | None]) -> bool:
    """Whether a column of folds names parts, `train` and `test` among them, and no folds.

    >>> is_official(["train", "test", "val"]), is_official(["1", "2"]), is_official(["train", "1"])
    (True, False, False)
    """
    named = {str(name) for name in fold if name is not None}
    return named <= set(PARTS) and {"train", "test"} <= named


def official_split(
    labels: Sequence[Hashable],
    part: Sequence[str | int | None],
    *,
    seed: int = 1821,
    groups: Sequence[Hashable | None] | None = None,
    ids: Sequence[str] | None = None,
) -> Split:
    """One fold: the clips of `test` are tested; where none are named for it, validation is drawn from those of `train`.

    Args:
        labels: The class of each clip, length n.
        part: `train`, `validation` (or `val`), `test`.
        seed: Of the draw: a fifth of the training part, every class with its share as far as the groups allow.
        groups: If given, a group is never both in train and in validation. What train and test share is not refused.
        ids: Names of the clips; None numbers them.

    Raises:
        InputError: A clip has no part or one of another name, or too few clips or groups are left for validation.
    """
    unknown = missing(part, ids)
    if unknown:
        raise InputError(f"{len(unknown)} clips are of no part: {', '.join(unknown[:8])}; fill in the column `fold`")
    if not is_official(part):
        raise InputError(f"wanted train and test; the column has {', '.join(sorted({str(name) for name in part}))}")
    target = codes(labels)
    named = np.array([PARTS[str(name)] for name in part])
    train, held, test = (np.flatnonzero(named == name) for name in ("train", "validation", "test"))
    if not len(held):
        group = None if groups is None else group_codes(groups, len(labels), ids)
        kept, drawn = hold_out(target[train], None if group is None else group[train], seed)
        train, held = train[kept], train[drawn]
    fold = np.full(len(target), -1, np.int64)
    fold[test] = 0
    names = tuple(ids) if ids is not None else tuple(str(row) for row in range(len(target)))
    if not len(names) == len(target) == len(part):
        raise InputError(f"{len(target)} labels, {len(names)} ids and {len(part)} parts: the three must be as many")
    return Split(names, fold, {0: train}, {0: held})
