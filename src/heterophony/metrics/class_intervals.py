"""How far the hierarchical F of each class would move with other samples.

The bootstrap of `bootstrap.py`: each fold is drawn from for itself, by row or by group; the confusion matrices of the
folds are added before hF is taken, so that the number is that of all folds together.
"""

from collections.abc import Sequence

import numpy as np

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics.hierarchical import per_class
from heterophony.metrics.percentile import Interval, percentile_interval
from heterophony.metrics.resample import resampled_confusions, units_of
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy


def class_intervals(
    predictions: Predictions,
    taxonomy: Taxonomy,
    *,
    groups: Sequence[str | None] | None = None,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> list[Interval | None]:
    """The hF of every class with its interval; None where nothing can be said of it.

    A draw in which a class does not occur says nothing of it and does not count for it. A class that occurs in fewer
    than two draws, or not at all, has None.

    Args:
        predictions: Over all folds; rows without a target do not count.
        taxonomy: Its tree.
        groups: For each row the group that is drawn as a whole within its fold; None: row by row.
        draws: Resamples, at least 2.
        level: Share of the resamples inside the interval, between 0 and 1.
        seed: Of the draws; those of a fold depend on it and on the number of the fold.

    Raises:
        AlignmentError: The predictions are not over the tree.
        ConfigError: Not one group per row, or `draws` or `level` is impossible.
        InputError: No target is known.
    """
    if predictions.classes != taxonomy.classes:
        raise AlignmentError(f"the predictions are not over the classes of {taxonomy.name!r}, or in another order")
    named = [None] * len(predictions) if groups is None else list(groups)
    if len(named) != len(predictions):
        raise ConfigError(f"class_intervals: {len(named)} groups for {len(predictions)} rows; give one each")
    if draws < 2:
        raise ConfigError(f"class_intervals: draws={draws}; a spread needs 2, an interval some hundreds")
    known = np.flatnonzero(predictions.target >= 0)
    if not len(known):
        raise InputError("class_intervals: no labelled sample to draw; give rows whose target is known")
    pairs = predictions.target.astype(np.int64) * taxonomy.n_classes + predictions.logits.argmax(axis=1)
    folds = []
    for fold in np.unique(predictions.fold[known]).tolist():
        rows = known[predictions.fold[known] == fold]
        units = units_of([named[row] for row in rows])
        generator = np.random.default_rng([seed, fold])
        folds.append(resampled_confusions(pairs[None, rows], units, taxonomy.n_classes, draws, generator))
    # Every fold gives its draws in stacks of the same sizes, so only one stack of each is in memory.
    f1 = [per_class(np.sum(stacks, axis=0)[:, 0], taxonomy).f1 for stacks in zip(*folds, strict=True)]
    return [_interval(values, level) for values in np.concatenate(f1).T]


def _interval(values: np.ndarray, level: float) -> Interval | None:
    """The interval of one class; `values[0]` is that of the rows as they are."""
    drawn = values[1:][~np.isnan(values[1:])]
    if np.isnan(values[0]) or len(drawn) < 2:
        return None
    return percentile_interval(float(values[0]), drawn, level)
