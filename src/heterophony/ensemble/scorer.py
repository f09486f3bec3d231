"""How good many sums of members are, all at once: what every search asks for a thousand times.

Rows on which all members agree are counted once, because no sum with weights >= 0 changes them. The others cost one
addition, one argmax and one count each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int, Int64

from heterophony.ensemble.pool import together
from heterophony.ensemble.summed import Summed, values_of, winners
from heterophony.ensemble.vote_values import VOTES
from heterophony.errors import ConfigError, InputError
from heterophony.metrics import DRAWABLE
from heterophony.predictions import Predictions, log_softmax
from heterophony.taxonomy import Taxonomy

LOSSES = ("log_loss", "macro_log_loss")
SCORES = (*DRAWABLE, *LOSSES)
"""What can be sought: the scores that confusion matrices decide, and the two log-losses."""
_NUMBERS_AT_ONCE = 2**24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scorer:
    """Scores sums of members by the mean over the folds; more is better, so log-losses are negative.

    Attributes:
        values: What each member adds, on the rows that a sum can change.
        target, fold: Of these rows; folds as numbers from 0.
        certain: For each fold the confusion matrix of the rows on which all members agree.
        taxonomy: The tree.
        of: What is added up.
        score: A name in `SCORES`.
    """

    values: Float64[np.ndarray, "members rows classes"]
    target: Int64[np.ndarray, " rows"]
    fold: Int64[np.ndarray, " rows"]
    certain: Int64[np.ndarray, "folds classes classes"]
    taxonomy: Taxonomy
    of: Summed
    score: str

    def of_sums(
        self, sums: Float64[np.ndarray, "sums rows classes"], counts: Float64[np.ndarray, " sums"]
    ) -> Float64[np.ndarray, " sums"]:
        """Scores of sums, each of so many members (or of weights with that sum)."""
        if self.score in LOSSES:
            return np.array([-self._loss(one / count) for one, count in zip(sums, counts, strict=True)])
        folds, size = len(self.certain), self.taxonomy.n_classes
        place = np.arange(len(sums))[:, None] * folds + self.fold
        cells = (place * size + self.target) * size + winners(sums, self.of)
        found = np.bincount(cells.ravel(), minlength=len(sums) * folds * size**2).astype(np.int64)
        matrices = found.reshape(len(sums), folds, size, size) + self.certain
        return np.asarray(DRAWABLE[self.score](matrices, self.taxonomy).mean(axis=1))

    def of_weights(self, weights: Float64[np.ndarray, "sums members"]) -> Float64[np.ndarray, " sums"]:
        """Scores of weighted sums, a block at a time."""
        flat = self.values.reshape(len(self.values), -1)
        step = max(1, _NUMBERS_AT_ONCE // max(1, flat.shape[1]))
        blocks = [weights[start : start + step] for start in range(0, len(weights), step)]
        shape = self.values.shape[1:]
        scores = [self.of_sums((one @ flat).reshape(len(one), *shape), one.sum(axis=1)) for one in blocks]
        return np.concatenate(scores)

    def _loss(self, average: Float64[np.ndarray, "rows classes"]) -> float:
        """The mean over the folds of a log-loss."""
        logs = np.log(np.maximum(average, 1e-15)) if self.of == "probabilities" else log_softmax(average)
        lost = -logs[np.arange(len(logs)), self.target]
        cell = self.fold if self.score == "log_loss" else self.fold * self.taxonomy.n_classes + self.target
        size, total = np.bincount(cell), np.bincount(cell, lost)
        there = np.flatnonzero(size)
        means = total[there] / size[there]
        if self.score == "log_loss":
            return float(means.mean())
        fold = there // self.taxonomy.n_classes
        return float((np.bincount(fold, means) / np.bincount(fold)).mean())


def scorer_of(members: Sequence[Predictions], taxonomy: Taxonomy, of: Summed, score: str) -> Scorer:
    """Prepares the labelled rows of the members.

    Raises:
        ConfigError: There is no such score, or votes have no such score.
        InputError: No row is labelled.
    """
    if score not in SCORES:
        raise ConfigError(f"score {score!r}: none that can be sought; wanted one of {', '.join(SCORES)}")
    if score in LOSSES and of in VOTES:
        raise ConfigError(f"score {score!r}: votes ({of}) give no probabilities; choose one of {', '.join(DRAWABLE)}")
    aligned = together(members)
    rows = np.flatnonzero(aligned[0].target >= 0)
    if not len(rows):
        raise InputError("ensemble: no labelled row to choose by; give rows whose target is known")
    held = [member.take(rows) for member in aligned]
    said = np.stack([member.logits.argmax(axis=1) for member in held])
    target, fold = held[0].target.astype(np.int64), np.unique(held[0].fold, return_inverse=True)[1].astype(np.int64)
    open_ = np.ones(len(rows), bool) if score in LOSSES else (said != said[0]).any(axis=0)
    return Scorer(
        values=np.stack([values_of(member.take(np.flatnonzero(open_)), of) for member in held]),
        target=target[open_],
        fold=fold[open_],
        certain=_confusions(target[~open_], said[0][~open_], fold[~open_], int(fold.max()) + 1, taxonomy.n_classes),
        taxonomy=taxonomy,
        of=of,
        score=score,
    )


def _confusions(
    target: Int64[np.ndarray, " rows"],
    said: Int[np.ndarray, " rows"],
    fold: Int64[np.ndarray, " rows"],
    folds: int,
    size: int,
) -> Int64[np.ndarray, "folds size size"]:
    cells = (fold * size + target) * size + said
    return np.bincount(cells, minlength=folds * size**2).astype(np.int64).reshape(folds, size, size)
