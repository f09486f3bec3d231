"""The best subset of a pool: by trying every one, or as the audio-text report does, in two phases.

The searches themselves are `two_phase.py` and what it rests on; here they are ways to combine like the others. Members
of the subset weigh alike.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from heterophony.ensemble.exhaustive import SubsetScores, best, search
from heterophony.ensemble.linear import Linear
from heterophony.ensemble.member_values import MemberValues
from heterophony.ensemble.pool import together
from heterophony.ensemble.summed import Summed, values_of
from heterophony.ensemble.two_phase import two_phase
from heterophony.ensemble.vote_values import vote_values
from heterophony.errors import ConfigError, InputError
from heterophony.predictions import Predictions, softmax
from heterophony.taxonomy import Taxonomy

Report = Callable[[int, int], None]
SEARCHED = ("hierarchical_f1", "accuracy")
"""What an exhaustive search can seek."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhaustive:
    """Every subset is scored, and the best one is taken; the first of equals, smaller ones first.

    Folds are searched one by one, and what was found of a fold is kept: a nested choice costs one search, not one for
    each fold.

    Attributes:
        of: What is added up, a name in `SUMMED`.
        score: What is sought, the mean over the folds: "hierarchical_f1" or "accuracy".
        sizes: Members of the smallest and of the largest subset, 2..7; no more than there are members.
        folder: Where a search is kept that it may go on after a kill; None keeps it in memory alone.
        report: Called with (subsets done, all) of each fold.
        found: What is in memory, by the SHA-256 of the rows.
        chooses: True.

    Raises:
        ConfigError: Another score.
    """

    of: Summed = "log-probabilities"
    score: str = "hierarchical_f1"
    sizes: tuple[int, int] = (2, 5)
    folder: Path | None = None
    report: Report | None = None
    found: dict[str, SubsetScores] = field(default_factory=dict, compare=False, repr=False)
    chooses: bool = True

    def __post_init__(self) -> None:
        if self.score not in SEARCHED:
            raise ConfigError(f"exhaustive: score={self.score!r}; wanted one of {', '.join(SEARCHED)}")

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Linear:
        """Chooses on the labelled rows; raises like `exhaustive.search`."""
        data = member_values(members, taxonomy, self.of)
        scores = [self._of_fold(data.rows(data.fold == fold)) for fold in data.folds]
        by_fold = np.concatenate([getattr(one, self.score) for one in scores], axis=1)
        number = int(best(by_fold)[0])
        return _alike(scores[0].subsets.members(number), len(members), self.of)

    def _of_fold(self, data: MemberValues) -> SubsetScores:
        digest = hashlib.sha256(np.ascontiguousarray(data.values).tobytes())
        digest.update(data.target.astype(np.int64).tobytes())
        key = digest.hexdigest()[:16]
        if key not in self.found:
            sizes = (self.sizes[0], min(self.sizes[1], len(data)))
            kept = None if self.folder is None else self.folder / key
            self.found[key] = search(data, sizes=sizes, folder=kept, report=self.report)
        return self.found[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPhases:
    """The search of the audio-text report: small subsets by a first score, the best by hierarchical F1, then larger.

    Attributes:
        of: What is added up, a name in `SUMMED`; the report has logits.
        first: The score of the first phase; the report has accuracy.
        sizes: Of the subsets of the first phase, 2..7; no more than there are members.
        keep: How many of them are scored by hierarchical F1.
        most: Members of the largest subset that is grown.
        report: Called with (subsets done, all) of the first phase.
        chooses: True.
    """

    of: Summed = "logits"
    first: str = "accuracy"
    sizes: tuple[int, int] = (2, 5)
    keep: int = 50
    most: int = 7
    report: Report | None = None
    chooses: bool = True

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Linear:
        """Chooses on the labelled rows; raises like `two_phase`."""
        data = member_values(members, taxonomy, self.of)
        sizes = (self.sizes[0], min(self.sizes[1], len(members)))
        found = two_phase(data, sizes=sizes, first=self.first, keep=self.keep, most=self.most, report=self.report)
        return _alike(found.best.members, len(members), self.of)


def member_values(members: Sequence[Predictions], taxonomy: Taxonomy, of: Summed) -> MemberValues:
    """The labelled rows of the members as the searches read them.

    Raises:
        InputError: No row is labelled.
    """
    aligned = together(members)
    rows = np.flatnonzero(aligned[0].target >= 0)
    if not len(rows):
        raise InputError("search: no labelled row to choose by; give rows whose target is known")
    held = [member.take(rows) for member in aligned]
    if of == "hard" or of == "score" or of == "log-odds":
        top = np.stack([member.logits.argmax(axis=1) for member in held])
        score = np.stack([softmax(member.logits).max(axis=1) for member in held])
        values = vote_values(top, np.minimum(score, 1), taxonomy.n_classes, vote=of)
    else:
        values = np.stack([values_of(member, of).astype(np.float32) for member in held])
    return MemberValues(values, held[0].target, held[0].fold, taxonomy)


def _alike(chosen: Sequence[int], count: int, of: Summed) -> Linear:
    weights = np.zeros(count)
    weights[list(chosen)] = 1 / len(chosen)
    return Linear(weights=weights, of=of)
