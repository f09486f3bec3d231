"""Folds: which clips train, which choose the best epoch, which are tested.

The protocol is that of the DCASE 2026 Task 1 baseline (audio_text.md 3.2): k folds stratified by class, and inside
each fold 20 % of what is left, stratified again with the same seed, for validation. A grouped split keeps the clips of
one uploader or place together, in validation too.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from heterophony.clips.hold_out import check_sizes, codes, group_codes, hold_out, missing
from heterophony.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """k ways to part the same clips into train, validation and test.

    Attributes:
        ids: The clips, in the order that the indices count.
        fold: The fold in which each clip is tested, 0 … k-1, `[n]`; -1 where none tests it (see `official_split`).
        train: Fold to the indices of its training clips, in the order in which the protocol lists them.
        validation: Fold to the indices of its validation clips, likewise.
    """

    ids: tuple[str, ...]
    fold: Int[np.ndarray, " n"]
    train: Mapping[int, Int[np.ndarray, " _"]]
    validation: Mapping[int, Int[np.ndarray, " _"]]

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return len(self.validation)

    @property
    def fixed_test(self) -> bool:
        """Whether some clips are never tested, because the test part was fixed by others."""
        return bool((self.fold < 0).any())

    def parts(
        self, fold: int
    ) -> tuple[Int[np.ndarray, " train"], Int[np.ndarray, " validation"], Int[np.ndarray, " test"]]:
        """The indices of (train, validation, test) of one fold; together they are every clip once."""
        return self.train[fold], self.validation[fold], np.flatnonzero(self.fold == fold)


def stratified_split(
    labels: Sequence[Hashable], *, folds: int = 5, seed: int = 1821, ids: Sequence[str] | None = None
) -> Split:
    """Folds in which every class has its share; clips of one uploader may be on both sides.

    With the rows, class indices and seed of BSD10k-v1.2 this gives the published lists, in their order.

    Args:
        labels: The class of each clip, length n. Their sorted order decides ties: give class indices to repeat a
            published protocol.
        folds: Number of folds, at least 2.
        seed: Of both splitters.
        ids: Names of the clips; None numbers them.

    Raises:
        InputError: A class has fewer clips than there are folds, or too few are left for validation.
    """
    from sklearn.model_selection import StratifiedKFold

    target = codes(labels)
    check_sizes(labels, folds)
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    fold = np.empty(len(target), np.int64)
    for number, (_, test) in enumerate(splitter.split(target, target)):
        fold[test] = number
    return _with_validation(target, fold, None, seed, ids)


def grouped_split(
    labels: Sequence[Hashable],
    groups: Sequence[Hashable | None],
    *,
    folds: int = 5,
    seed: int = 1821,
    ids: Sequence[str] | None = None,
) -> Split:
    """Folds that keep each group (uploader, place) in one part, with class shares as equal as that allows.

    Args:
        labels: The class of each clip, length n.
        groups: The group of each clip, length n; none may be unknown.
        folds: Number of folds, at least 2.
        seed: Of both splitters.
        ids: Names of the clips; None numbers them.

    Raises:
        InputError: A group is unknown (None or ""), there are fewer groups than folds, or a class has too few clips.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    target, group = codes(labels), group_codes(groups, len(labels), ids)
    check_sizes(labels, folds)
    groups_there = int(group.max()) + 1
    if groups_there < folds:
        raise InputError(
            f"{folds} folds by group need at least {folds} groups, {groups_there} came; ask for fewer folds"
        )
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    fold = np.empty(len(target), np.int64)
    for number, (_, test) in enumerate(splitter.split(target, target, group)):
        fold[test] = number
    return _with_validation(target, fold, group, seed, ids)


def given_split(
    labels: Sequence[Hashable],
    fold: Sequence[str | int | None],
    *,
    seed: int = 1821,
    groups: Sequence[Hashable | None] | None = None,
    ids: Sequence[str] | None = None,
) -> Split:
    """Folds as a column names them (ESC-50, TAU); only validation is drawn.

    Args:
        labels: The class of each clip, length n.
        fold: The fold in which each clip is tested; the names are sorted, numbers first, and counted from 0.
        seed: Of the draw of the validation clips.
        groups: If given, a group is never both in train and in validation.
        ids: Names of the clips; None numbers them.

    Raises:
        InputError: A clip has no fold, there is only one fold, or a class has too few clips for validation.
    """
    unknown = missing(fold, ids)
    if unknown:
        raise InputError(
            f"{len(unknown)} clips have no fold: {', '.join(unknown[:8])}; fill in the column or split anew"
        )
    named = sorted({str(name) for name in fold}, key=_fold_order)
    if len(named) < 2:
        raise InputError(f"the fold column names only {named}; at least two folds are needed")
    number = {name: index for index, name in enumerate(named)}
    target = codes(labels)
    group = None if groups is None else group_codes(groups, len(labels), ids)
    return _with_validation(target, np.array([number[str(name)] for name in fold], np.int64), group, seed, ids)


def _with_validation(
    target: Int[np.ndarray, " n"],
    fold: Int[np.ndarray, " n"],
    group: Int[np.ndarray, " n"] | None,
    seed: int,
    ids: Sequence[str] | None,
) -> Split:
    names = tuple(ids) if ids is not None else tuple(str(row) for row in range(len(target)))
    if len(names) != len(target) or len(fold) != len(target):
        raise InputError(f"{len(target)} labels, {len(names)} ids and {len(fold)} folds: the three must be as many")
    sizes = np.bincount(fold)
    if sizes.min() == 0:
        raise InputError(f"the folds have {sizes.tolist()} clips: one is empty; ask for fewer folds")
    train: dict[int, Int[np.ndarray, " _"]] = {}
    validation: dict[int, Int[np.ndarray, " _"]] = {}
    for number in range(len(sizes)):
        rest = np.flatnonzero(fold != number)
        kept, held = hold_out(target[rest], None if group is None else group[rest], seed)
        train[number], validation[number] = rest[kept], rest[held]
    return Split(names, fold, train, validation)


def _fold_order(name: str) -> tuple[int, int, str]:
    return (0, int(name), "") if name.isdecimal() else (1, 0, name)
