"""How far a score, or the difference of two, would move with other samples: the bootstrap.

Source: B. Efron, R. J. Tibshirani, "An introduction to the bootstrap", 1993. Each fold is drawn from for itself, as
often as it has rows; or groups, where clips of one uploader or location resemble each other. All tables are scored on
the same draw, so that a difference is paired. A class never predicted counts as 0.

The interval tells the luck of the test samples, not that of training: for seeds see `over_seeds`.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from heterophony.errors import InputError
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.metrics.paired import DRAWABLE, fold_pairs, refuse_undrawable, score_of
from heterophony.metrics.percentile import Interval, percentile_interval
from heterophony.metrics.resample import resampled_confusions
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy

Runs = Predictions | Sequence[Predictions]
"""One table, or those of several seeds, whose scores are averaged."""


def interval(
    predictions: Runs,
    taxonomy: Taxonomy,
    *,
    score: str = "hierarchical_f1",
    groups: Sequence[str | None] | None = None,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """The mean over the folds of a score; arguments and errors as for `paired_difference`."""
    found = intervals(predictions, taxonomy, scores=[score], groups=groups, draws=draws, level=level, seed=seed)
    return found[score]


def intervals(
    predictions: Runs,
    taxonomy: Taxonomy,
    *,
    scores: Sequence[str] = tuple(DRAWABLE),
    never_predicted: NeverPredicted = "zero",
    groups: Sequence[str | None] | None = None,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, Interval]:
    """`interval` of several scores on the same draws, with either rule for classes never predicted."""
    values = _fold_means(_tables(predictions), taxonomy, scores, never_predicted, groups, draws, seed).mean(axis=2)
    return {name: percentile_interval(float(row[0]), row[1:], level) for name, row in zip(scores, values, strict=True)}


def paired_difference(
    ours: Runs,
    baseline: Runs,
    taxonomy: Taxonomy,
    *,
    score: str = "hierarchical_f1",
    groups: Sequence[str | None] | None = None,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """The mean over the folds of (score of ours - score of the baseline).

    Args:
        ours: A table, or one per seed. Rows whose target no table knows do not count.
        baseline: The other: the same ids in any order.
        taxonomy: The tree of all.
        score: A name in `DRAWABLE`.
        groups: For each row of `ours` (of its first table) the group that is drawn as a whole within its fold; a row
            with None stands for itself.
        draws: Resamples, at least 2.
        level: Share of the resamples inside the interval, between 0 and 1.
        seed: Of the draws, >= 0. Those of a fold depend on it, the fold's number, ids and groups, not on the order of
            the rows.

    Raises:
        AlignmentError: If the tables differ in ids, classes, folds or known targets, or are not over the tree.
        InputError: If there is no table or no known target, or a fold has a single row or group, of which nothing can
            be drawn.
        ConfigError: If the score is not in `DRAWABLE`, or `draws`, `level` or the number of groups is impossible.
    """
    (gains,) = _gains(ours, baseline, taxonomy, [score], "zero", groups, draws, seed)
    return percentile_interval(float(gains[0]), gains[1:], level)


def paired_differences(
    ours: Runs,
    baseline: Runs,
    taxonomy: Taxonomy,
    *,
    scores: Sequence[str] = tuple(DRAWABLE),
    never_predicted: NeverPredicted = "zero",
    groups: Sequence[str | None] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """`paired_difference` of several scores on the same draws, with either rule for classes never predicted; 95 %."""
    gains = _gains(ours, baseline, taxonomy, scores, never_predicted, groups, draws, seed)
    return {name: percentile_interval(float(row[0]), row[1:], 0.95) for name, row in zip(scores, gains, strict=True)}


def _gains(
    ours: Runs,
    baseline: Runs,
    taxonomy: Taxonomy,
    scores: Sequence[str],
    never_predicted: NeverPredicted,
    groups: Sequence[str | None] | None,
    draws: int,
    seed: int,
) -> Float64[np.ndarray, "scores resamples"]:
    """The differences of the tables as they are, then of each draw."""
    mine, other = _tables(ours), _tables(baseline)
    values = _fold_means([*mine, *other], taxonomy, scores, never_predicted, groups, draws, seed)
    return np.asarray(values[:, :, : len(mine)].mean(axis=2) - values[:, :, len(mine) :].mean(axis=2))


def _tables(runs: Runs) -> list[Predictions]:
    """The tables of one side."""
    tables = [runs] if isinstance(runs, Predictions) else list(runs)
    if not tables:
        raise InputError("metrics: no predictions; give a table, or one per seed")
    return tables


def _fold_means(
    tables: Sequence[Predictions],
    taxonomy: Taxonomy,
    scores: Sequence[str],
    never_predicted: NeverPredicted,
    groups: Sequence[str | None] | None,
    draws: int,
    seed: int,
) -> Float64[np.ndarray, "scores resamples tables"]:
    """The mean over the folds of the scores of each table: of the rows as they are, then of each draw."""
    refuse_undrawable(scores)
    folds = []
    for part in fold_pairs(tables, taxonomy, groups):
        generator = np.random.default_rng([seed, part.fold])
        stacks = resampled_confusions(part.pairs, part.units, taxonomy.n_classes, draws, generator)
        scored = [[score_of(name, stack, taxonomy, never_predicted) for name in scores] for stack in stacks]
        folds.append(np.concatenate(scored, axis=1))
    return np.asarray(np.mean(folds, axis=0))
