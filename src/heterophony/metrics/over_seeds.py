"""Several seeds of one recipe: how much is the data, how much is luck."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heterophony.errors import AlignmentError, InputError


@dataclass(frozen=True)
class SeedSummary:
    """A score over folds and seeds, in its own unit.

    Attributes:
        mean: Over all folds and seeds.
        over_folds: Population standard deviation (ddof 0) over the folds, each the mean of its seeds: the "±" of a
            table.
        over_seeds: Population standard deviation over the seeds, each the mean of its folds: what training again moves.
    """

    mean: float
    over_folds: float
    over_seeds: float


def over_seeds(values: Sequence[Sequence[float]]) -> SeedSummary:
    """Sums up `values[seed][fold]`; with one seed, `mean_and_spread` of its folds and 0 between seeds.

    Raises:
        InputError: If there is no value.
        AlignmentError: If the seeds have different numbers of folds.
    """
    folds = [len(seed) for seed in values]
    if not folds or not max(folds):
        raise InputError("over_seeds: no value to sum up; give one score per seed and fold")
    if len(set(folds)) > 1:
        raise AlignmentError(f"over_seeds: seeds with {folds} folds; finish the runs that lack some")
    table = np.array(values, dtype=np.float64)
    return SeedSummary(float(table.mean()), float(table.mean(axis=0).std()), float(table.mean(axis=1).std()))
