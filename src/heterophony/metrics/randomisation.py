r"""Whether the difference of two tables can be told from luck: the paired randomisation test.

Source: E. S. Edgington, "Randomization tests", 1980; for scores such as F1, which are no means over samples: A. Yeh,
"More accurate tests for the statistical significance of result differences", COLING 2000. If it did not matter which of
the two made an answer, the two answers to a sample could be swapped. Each draw swaps those of every sample (or of all
samples of a group at once) with probability one half, within the folds, and takes the difference of the scores anew:

$$p = \frac{1 + \#\{b : |d_b| \ge |d|\}}{1 + B} .$$

The 1 counts the tables as they are among the draws (B. Phipson, G. K. Smyth, "Permutation p-values should never be
zero", 2010), so p is never below 1 / (1 + B).
"""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float64, Int64

from heterophony.errors import ConfigError
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.metrics.paired import FoldPairs, fold_pairs, refuse_undrawable, score_of
from heterophony.metrics.resample import CELLS_AT_ONCE
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy

_ROUNDING = 1e-12
"""Differences this close count as equal: swaps that undo each other end in other bits."""


def randomisation_test(
    ours: Predictions,
    baseline: Predictions,
    taxonomy: Taxonomy,
    *,
    score: str = "hierarchical_f1",
    never_predicted: NeverPredicted = "zero",
    groups: Sequence[str | None] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> float:
    """The two-sided p of the difference between two tables in the mean over the folds of a score.

    Args:
        ours: A table. Rows whose target neither table knows do not count.
        baseline: The other: the same ids in any order.
        taxonomy: The tree of both.
        score: A name in `DRAWABLE`.
        never_predicted: What a class that is never predicted counts for.
        groups: For each row of `ours` the group whose answers are swapped together; a row with None stands for itself.
        draws: At least 1.
        seed: Of the draws, >= 0. Those of a fold depend on it, the fold's number, ids and groups, not on the order of
            the rows.

    Returns:
        1 / (1 + draws) .. 1; small: such a difference seldom comes from luck.

    Raises:
        AlignmentError, InputError, ConfigError: As for `paired_difference`.
    """
    refuse_undrawable([score])
    if draws < 1:
        raise ConfigError(f"randomisation_test: draws={draws}; wanted 1 or more, some hundreds for a p that says much")
    folds = []
    for part in fold_pairs([ours, baseline], taxonomy, groups):
        generator = np.random.default_rng([seed, part.fold, 1])
        stacks = _swapped(part, taxonomy.n_classes, draws, generator)
        values = np.concatenate([score_of(score, stack, taxonomy, never_predicted) for stack in stacks])
        folds.append(values[:, 0] - values[:, 1])
    difference: Float64[np.ndarray, " resamples"] = np.abs(np.mean(folds, axis=0))
    as_far = int((difference[1:] >= difference[0] - _ROUNDING).sum())
    return (1 + as_far) / (1 + draws)


def _swapped(
    part: FoldPairs, n_classes: int, draws: int, generator: np.random.Generator
) -> Iterator[Int64[np.ndarray, "some 2 n_classes n_classes"]]:
    """Both confusion matrices: of the answers as they are, then of each draw, in stacks of bounded size."""
    cells = n_classes**2
    both = np.stack([np.bincount(row, minlength=cells) for row in part.pairs])
    apart = np.flatnonzero(part.pairs[0] != part.pairs[1])  # swapping equal answers changes nothing
    mine, other = part.pairs[:, apart]
    units = int(part.units.max()) + 1
    step = max(1, CELLS_AT_ONCE // cells)
    for start in range(0, draws + 1, step):
        counts = np.empty((min(step, draws + 1 - start), 2, cells), np.int64)
        for number in range(len(counts)):
            swap = generator.integers(2, size=units)[part.units[apart]] if start + number else np.zeros(len(apart))
            moved = np.bincount(other, swap, cells) - np.bincount(mine, swap, cells)
            counts[number] = both + np.stack([moved, -moved]).astype(np.int64)
        yield counts.reshape(-1, 2, n_classes, n_classes)
