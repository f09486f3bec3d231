"""The best subset of a pool: by trying every one, or as the audio-text report does, in two phases.

The searches themselves are `two_phase.py` and what it rests on; here they are ways to combine like the others. Members
of the subset weigh alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from heterophony.ensemble.linear import Linear
from heterophony.ensemble.member_values import MemberValues
from heterophony.ensemble.pool import together
from heterophony.ensemble.summed import Summed, values_of
from heterophony.ensemble.two_phase import two_phase
from heterophony.ensemble.vote_values import vote_values
from heterophony.errors import InputError
from heterophony.predictions import Predictions, softmax
from heterophony.taxonomy import Taxonomy

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhaustive:
    """Every subset is scored, and the best one is taken; the first of equals, smaller ones first.

    Attributes:
        of: What is added up, a name in `SUMMED`.
        score: What is sought: a score that confusion matrices decide, the mean over the folds.
        sizes: Members of the smallest and of the largest subset, 2..7; no more than there are members.
        report: Called with (subsets done, all).
        chooses: True.
    """

    of: Summed = "log-probabilities"
    score: str = "hierarchical_f1"
    sizes: tuple[int, int] = (2, 5)
    report: Report | None = None
    chooses: bool = True

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Linear:
        """Chooses on the labelled rows; raises like `two_phase`."""
        data = member_values(members, taxonomy, self.of)
        sizes = (self.sizes[0], min(self.sizes[1], len(members)))
        found = two_phase(data, sizes=sizes, first=self.score, keep=1, most=sizes[1], report=self.report)
        return _alike(found.kept[0].members, len(members), self.of)


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
