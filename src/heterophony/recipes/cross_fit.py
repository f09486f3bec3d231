"""Vectors of each row from encoders that its label has not taught: the parts of rows, and what the folds come to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int

from heterophony.clips import clip_of, grouped_split
from heterophony.errors import InputError
from heterophony.recipes.align import align, spread, unexplained
from heterophony.recipes.prepare import Prepared
from heterophony.recipes.spec import SplitSpec
from heterophony.recipes.tuned_folder import EMBEDDINGS

Table = Float32[np.ndarray, "rows dim"]
Which = Bool[np.ndarray, " rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How the vectors of one fold and modality came into the space of the final model.

    Attributes:
        fold: Its number.
        modality: Its name.
        rows: Rows that taught both encoders; they decide the map.
        spread: Of the fold's vectors about their mean there, over that of the final model's; no map evens it out.
        before: How far the two are apart there, as a share of the final model's spread (`align.unexplained`).
        after: The same once the map is applied; None where vectors are left as they are.
        held: The same of the fold's validation rows, which decide nothing of the map; None where there are none.
    """

    fold: int
    modality: str
    rows: int
    spread: float
    before: float
    after: float | None
    held: float | None

    @property
    def told(self) -> str:
        """All of it as a sentence."""
        turned = "they are left so" if self.after is None else f"{self.after:.3f} once turned"
        held = "" if self.held is None else f" ({self.held:.3f} of validation rows)"
        return (
            f"fold {self.fold}, {self.modality}: apart from the final model's vectors by {self.before:.3f} of their "
            f"spread, {turned}{held}; theirs is {self.spread:.2f} of it; {self.rows} rows that taught both"
        )


def rows_to_test(ready: Prepared, fold: int | None) -> Which:
    """Which rows are the test part: those of a fold, or of a fixed one; none where neither is named.

    Raises:
        InputError: There is no such fold.
    """
    split = ready.split
    if fold is not None and not 0 <= fold < split.folds:
        raise InputError(f"no fold {fold}: this split has the folds 0 to {split.folds - 1}")
    if fold is None and not split.fixed_test:
        return np.zeros(len(ready.samples), dtype=np.bool_)
    tested: Which = split.fold == (fold or 0)
    return tested


def without(ready: Prepared, test: Which, folds: int) -> Prepared:
    """What a cross-validation needs that never sees the test rows, its folds by group.

    A row of no group is one of its own; the segments of a clip are together.

    Raises:
        InputError: There are too few groups, or too few rows of a class.
    """
    rows = np.flatnonzero(~test)
    samples, recipe = ready.samples.take(rows), ready.task.recipe
    groups = [group or clip_of(key) for group, key in zip(samples.groups, samples.ids, strict=True)]
    spec = SplitSpec(kind="grouped", folds=folds, seed=recipe.split.seed)
    return replace(
        ready,
        task=replace(ready.task, recipe=recipe.model_copy(update={"split": spec})),
        samples=samples,
        split=grouped_split(samples.target.tolist(), groups, folds=folds, seed=spec.seed, ids=samples.ids),
        origins=[ready.origins[row] for row in rows.tolist()],
    )


def gather(
    final: Mapping[str, Table], test: Which, run: Path, folds: int, *, aligned: bool
) -> tuple[dict[str, Table], list[Moved]]:
    """Modality to the vectors of all rows: of test rows those of the final model, of others those out of fold.

    Args:
        final: Modality to what the final model's encoders make of every row; NaN where there is none.
        test: Which rows are the test part.
        run: Folder of the cross-validation of the others, in their order.
        folds: How many it has.
        aligned: Whether the vectors of each fold are turned into the space of the final model.

    Raises:
        InputError: No row that taught a fold has one of the modalities.
    """
    rows, vectors, moved = np.flatnonzero(~test), {name: x.copy() for name, x in final.items()}, []
    for fold in range(folds):
        with np.load(run / f"fold_{fold}" / EMBEDDINGS) as archive:
            parts = {name: np.flatnonzero(archive["part"] == name) for name in ("train", "val", "test")}
            made = {name: archive[name] for name in final}
        for name, x in made.items():
            bring, told = _alignment(x, final[name][rows], parts, f"fold {fold}, {name}", aligned=aligned)
            vectors[name][rows[parts["test"]]] = bring(x[parts["test"]])
            moved.append(Moved(fold=fold, modality=name, **told))
    return vectors, moved


def _alignment(
    x: Table, onto: Table, parts: Mapping[str, Int[np.ndarray, " _"]], where: str, *, aligned: bool
) -> tuple[Callable[[Table], Table], dict[str, Any]]:
    """What brings the vectors of a fold into the other space, and what is to be told of it."""
    taught, held = (parts[name][np.isfinite(x[parts[name]]).all(axis=1)] for name in ("train", "val"))
    if not len(taught):
        raise InputError(f"{where}: none of the {len(parts['train'])} rows that taught it has any; ask for fewer folds")
    told = {
        "rows": len(taught),
        "spread": spread(x[taught]) / (spread(onto[taught]) or 1.0),
        "before": unexplained(x[taught], onto[taught]),
        "after": None,
        "held": None,
    }
    if not aligned:
        return np.copy, told
    bring = align(x[taught], onto[taught])
    told["after"] = unexplained(bring(x[taught]), onto[taught])
    told["held"] = unexplained(bring(x[held]), onto[held]) if len(held) else None
    return bring, told
