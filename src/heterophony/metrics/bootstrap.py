"""How far a score, or the difference of two, would move with other samples: the bootstrap.

Source: B. Efron, R. J. Tibshirani, "An introduction to the bootstrap", 1993, percentile intervals (chapter 13). Each
fold is drawn from for itself, as often as it has rows; or groups, where clips of one uploader or location resemble each
other. Two tables are paired: both are scored on the same draw. A class never predicted counts as 0.

The interval tells the luck of the test samples, not that of training: for seeds see `over_seeds`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from jaxtyping import Float64

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics.evaluate import WITH_RULE, WITHOUT_RULE
from heterophony.metrics.resample import resampled_scores, units_of
from heterophony.predictions import Predictions, align
from heterophony.taxonomy import Taxonomy

DRAWABLE = WITHOUT_RULE | WITH_RULE
"""The scores that can be drawn again: those that confusion matrices decide."""


@dataclass(frozen=True)
class Interval:
    """A number and where it may lie, in the unit of the score (fractions of 1).

    Attributes:
        value: Of the samples as they are.
        low: Lower end.
        high: Upper end.
        draws: How many resamples it rests on.
        spread: Standard error: the standard deviation over the resamples.
    """

    value: float
    low: float
    high: float
    draws: int
    spread: float


def interval(
    predictions: Predictions,
    taxonomy: Taxonomy,
    *,
    score: str = "hierarchical_f1",
    groups: Sequence[str | None] | None = None,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """The mean over the folds of a score of one table; arguments and errors as for `paired_difference`."""
    values = _fold_means([predictions], taxonomy, score, groups, draws, seed)
    return _interval(values[:, 0], level)


def paired_difference(
    ours: Predictions,
    baseline: Predictions,
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
        ours: One table. Rows whose target neither table knows do not count.
        baseline: The other: the same ids in any order.
        taxonomy: The tree of both.
        score: A name in `DRAWABLE`.
        groups: For each row of `ours` the group that is drawn as a whole within its fold; a row with None stands for
            itself.
        draws: Resamples, at least 2.
        level: Share of the resamples inside the interval, between 0 and 1.
        seed: Of the draws, >= 0. Those of a fold depend on it, the fold's number, ids and groups, not on the order of
            the rows.

    Raises:
        AlignmentError: If the tables differ in ids, classes, folds or known targets, or are not over the tree.
        InputError: If no target is known, or a fold has a single row or group, of which no interval can be drawn.
        ConfigError: If the score is not in `DRAWABLE`, or `draws`, `level` or the number of groups is impossible.
    """
    values = _fold_means([ours, align(ours, baseline, same_folds=True)], taxonomy, score, groups, draws, seed)
    return _interval(values[:, 0] - values[:, 1], level)


def _fold_means(
    tables: Sequence[Predictions],
    taxonomy: Taxonomy,
    score: str,
    groups: Sequence[str | None] | None,
    draws: int,
    seed: int,
) -> Float64[np.ndarray, "resamples tables"]:
    """The mean over the folds of the score of each (aligned) table: of the rows as they are, then of each draw."""
    first = tables[0]
    named = [None] * len(first) if groups is None else groups
    _check(first, taxonomy, score, len(named), draws)
    # A target that only some of the tables know is -1 in the others.
    target = np.max([table.target for table in tables], axis=0).astype(np.int64)
    pairs = np.stack([target * taxonomy.n_classes + table.logits.argmax(axis=1) for table in tables])
    by_id = np.array(sorted(range(len(first)), key=first.ids.__getitem__), dtype=np.int64)
    labelled = by_id[target[by_id] >= 0]
    if not len(labelled):
        raise InputError("bootstrap: no labelled sample to draw; give rows whose target is known")
    folds = []
    for fold in np.unique(first.fold[labelled]).tolist():
        rows = labelled[first.fold[labelled] == fold]
        units = units_of([named[row] for row in rows])
        if not units.any():
            raise InputError(f"bootstrap: fold {fold} has a single row or group; draw by row, or join folds")
        generator = np.random.default_rng([seed, fold])
        folds.append(
            resampled_scores(
                pairs[:, rows],
                units,
                lambda counts: DRAWABLE[score](counts, taxonomy),
                taxonomy.n_classes,
                draws,
                generator,
            )
        )
    return np.asarray(np.mean(folds, axis=0))


def _check(first: Predictions, taxonomy: Taxonomy, score: str, n_groups: int, draws: int) -> None:
    """Refuses what cannot be drawn."""
    if first.classes != taxonomy.classes:
        raise AlignmentError(f"the predictions are not over the classes of {taxonomy.name!r}, or in another order")
    if score not in DRAWABLE:
        near = get_close_matches(score, DRAWABLE, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"wanted one of {', '.join(DRAWABLE)}"
        raise ConfigError(f"bootstrap: no score {score!r} of confusion matrices; {hint}")
    if n_groups != len(first):
        raise ConfigError(f"bootstrap: {n_groups} groups for {len(first)} rows; give one each, None where unknown")
    if draws < 2:
        raise ConfigError(f"bootstrap: draws={draws}; a spread needs 2, an interval some hundreds")


def _interval(values: Float64[np.ndarray, " resamples"], level: float) -> Interval:
    """The percentile interval; the first value is that of the samples as they are."""
    if not 0 < level < 1:
        raise ConfigError(f"bootstrap: level={level}; wanted a share between 0 and 1, such as 0.95")
    drawn = values[1:]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(values[0]), float(low), float(high), len(drawn), float(drawn.std(ddof=1)))
