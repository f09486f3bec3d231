"""The table of predictions: one format for every model, ours or imported."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float32, Int

from heterophony.clips.segments import units
from heterophony.errors import AlignmentError, InputError

ARRAYS = ("ids", "logits", "target", "fold", "classes")


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model says about samples, one row each.

    Attributes:
        ids: Unique ids of the samples.
        logits: Scores before softmax, any additive constant per row.
        target: Index of the true class; -1 where unknown.
        fold: The fold whose test part the sample was in; 0 where there are none.
        classes: Class keys, the meaning of the columns of `logits`.

    Raises:
        AlignmentError: If the parts differ in length or an id stands twice.
        InputError: If a logit is not finite or a target is no column.
    """

    ids: tuple[str, ...]
    logits: Float32[np.ndarray, "samples classes"]
    target: Int[np.ndarray, " samples"]
    fold: Int[np.ndarray, " samples"]
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        lengths = {"ids": len(self.ids), "logits": len(self.logits), "target": len(self.target), "fold": len(self.fold)}
        if len(set(lengths.values())) > 1:
            raise AlignmentError(f"predictions: parts of unequal length, {lengths}; give one row per id")
        if self.logits.shape[1:] != (len(self.classes),):
            raise AlignmentError(f"predictions: {len(self.classes)} classes but logits of shape {self.logits.shape}")
        if len(set(self.ids)) < len(self.ids):
            doubled = [key for key, count in Counter(self.ids).items() if count > 1]
            raise AlignmentError(f"predictions: ids that stand more than once: {_some(doubled)}; give each once")
        broken = np.flatnonzero(~np.isfinite(self.logits).all(axis=1))
        if len(broken):
            raise InputError(f"predictions: logits that are not finite for {_some([self.ids[row] for row in broken])}")
        outside = np.flatnonzero((self.target < -1) | (self.target >= len(self.classes)))
        if len(outside):
            named = _some([f"{self.ids[row]} ({self.target[row]})" for row in outside])
            raise InputError(f"predictions: targets outside -1..{len(self.classes) - 1}: {named}")

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, index: Int[np.ndarray, " taken"]) -> "Predictions":
        """The rows at `index`, in that order."""
        ids = tuple(self.ids[row] for row in index)
        return Predictions(ids, self.logits[index], self.target[index], self.fold[index], self.classes)

    def save(self, path: Path) -> None:
        """Writes one .npz without pickle; a reader sees the whole file or none."""
        arrays = (
            np.array(self.ids, dtype=np.str_),
            self.logits,
            self.target,
            self.fold,
            np.array(self.classes, np.str_),
        )
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as stream:
            np.savez(stream, allow_pickle=False, **dict(zip(ARRAYS, arrays, strict=True)))
        Path(stream.name).chmod(0o644)
        Path(stream.name).replace(path)

    @classmethod
    def load(cls, path: Path) -> "Predictions":
        """Reads what `save` wrote.

        Raises:
            InputError: If the file is not such a table.
        """
        try:
            with np.load(path, allow_pickle=False) as archive:
                found: dict[str, Any] = {name: archive[name] for name in ARRAYS}
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise InputError(
                f"{path}: no table of predictions ({error}); wanted an .npz with {', '.join(ARRAYS)}"
            ) from error
        return cls(
            ids=tuple(found["ids"].tolist()),
            logits=found["logits"].astype(np.float32),
            target=found["target"],
            fold=found["fold"],
            classes=tuple(found["classes"].tolist()),
        )


def pooled(tables: Sequence[Predictions]) -> Predictions:
    """The rows of all folds as one table; raises like `Predictions` where an id is in two."""
    return Predictions(
        ids=tuple(key for one in tables for key in one.ids),
        logits=np.concatenate([one.logits for one in tables]),
        target=np.concatenate([one.target for one in tables]),
        fold=np.concatenate([one.fold for one in tables]),
        classes=tables[0].classes,
    )


def align(reference: Predictions, other: Predictions, *, same_folds: bool = False) -> Predictions:
    """The rows of `other` in the order of the ids of `reference`.

    Args:
        reference: Gives the order.
        other: Is put into it.
        same_folds: Whether the two must also have every sample in the same fold.

    Raises:
        AlignmentError: If the two do not hold the same ids, have other classes, or disagree on a known target or on a
            fold that must be the same; the message names them. Nothing is cut to the shorter one.
    """
    if reference.classes != other.classes:
        raise AlignmentError(
            f"predictions over different classes: {_some(reference.classes)} against {_some(other.classes)}"
        )
    ours, theirs = units(reference.ids), units(other.ids)
    if ours != theirs and len(reference) and len(other):
        raise AlignmentError(
            f"predictions of {ours} against predictions of {theirs}: two different tasks; pool the segments to clips "
            "first (--pool-segments)"
        )
    lacking = sorted(set(reference.ids) - set(other.ids))
    extra = sorted(set(other.ids) - set(reference.ids))
    if lacking or extra:
        raise AlignmentError(
            f"predictions of different samples: the second lacks {_some(lacking)} and has {_some(extra)} besides; "
            "predict the same samples with both"
        )
    row_of = {key: row for row, key in enumerate(other.ids)}
    ordered = other.take(np.array([row_of[key] for key in reference.ids], dtype=np.int64))
    both_known = (reference.target >= 0) & (ordered.target >= 0)
    disputed = np.flatnonzero(both_known & (reference.target != ordered.target))
    if len(disputed):
        raise AlignmentError(
            f"predictions with different targets for {_some([reference.ids[row] for row in disputed])}"
        )
    moved = np.flatnonzero(reference.fold != ordered.fold)
    if same_folds and len(moved):
        named = _some([reference.ids[row] for row in moved])
        raise AlignmentError(f"predictions with different folds for {named}; train both on one split")
    return ordered


def _some(names: list[str] | tuple[str, ...], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    if not names:
        return "none"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(str, names[:most])) + more
