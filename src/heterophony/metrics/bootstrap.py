"""How far a score, or the difference of two, would move with other samples: the bootstrap.

Source: B. Efron, R. J. Tibshirani, "An introduction to the bootstrap", 1993. Each fold is drawn from for itself, as
often as it has rows; or groups, where clips of one uploader or location resemble each other. All tables are scored on
the same draw, so that a difference is paired. A class never predicted counts as 0.

The interval tells the luck of the test samples, not that of training: for seeds see `over_seeds`.
"""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
from jaxtyping import Float64

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics.evaluate import WITH_RULE, WITHOUT_RULE
from heterophony.metrics.percentile import Interval, percentile_interval
from heterophony.metrics.resample import resampled_confusions, units_of
from heterophony.predictions import Predictions, align
from heterophony.taxonomy import Taxonomy

DRAWABLE = WITHOUT_RULE | WITH_RULE
"""The scores that can be drawn again: those that confusion matrices decide."""

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
    values = _fold_means(_tables(predictions), taxonomy, score, groups, draws, seed).mean(axis=1)
    return percentile_interval(float(values[0]), values[1:], level)


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
    mine, other = _tables(ours), _tables(baseline)
    values = _fold_means([*mine, *other], taxonomy, score, groups, draws, seed)
    gain = values[:, : len(mine)].mean(axis=1) - values[:, len(mine) :].mean(axis=1)
    return percentile_interval(float(gain[0]), gain[1:], level)


def _tables(runs: Runs) -> list[Predictions]:
    """The tables of one side."""
    tables = [runs] if isinstance(runs, Predictions) else list(runs)
    if not tables:
        raise InputError("bootstrap: no predictions; give a table, or one per seed")
    return tables


def _fold_means(
    tables: Sequence[Predictions],
    taxonomy: Taxonomy,
    score: str,
    groups: Sequence[str | None] | None,
    draws: int,
    seed: int,
) -> Float64[np.ndarray, "resamples tables"]:
    """The mean over the folds of the score of each table: of the rows as they are, then of each draw."""
    first = tables[0]
    named = [None] * len(first) if groups is None else groups
    _check(first, taxonomy, score, len(named))
    aligned = [first, *(align(first, other, same_folds=True) for other in tables[1:])]
    # A target that only some of the tables know is -1 in the others.
    target = np.max([table.target for table in aligned], axis=0).astype(np.int64)
    pairs = np.stack([target * taxonomy.n_classes + table.logits.argmax(axis=1) for table in aligned])
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
        stacks = resampled_confusions(pairs[:, rows], units, taxonomy.n_classes, draws, generator)
        folds.append(np.concatenate([DRAWABLE[score](stack, taxonomy) for stack in stacks]))
    return np.asarray(np.mean(folds, axis=0))


def _check(first: Predictions, taxonomy: Taxonomy, score: str, n_groups: int) -> None:
    """Refuses what cannot be drawn."""
    if first.classes != taxonomy.classes:
        raise AlignmentError(f"the predictions are not over the classes of {taxonomy.name!r}, or in another order")
    if score not in DRAWABLE:
        near = get_close_matches(score, DRAWABLE, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"wanted one of {', '.join(DRAWABLE)}"
        raise ConfigError(f"bootstrap: no score {score!r} of confusion matrices; {hint}")
    if n_groups != len(first):
        raise ConfigError(f"bootstrap: {n_groups} groups for {len(first)} rows; give one each, None where unknown")
