"""Greedy forward selection with replacement: add, again and again, the member that helps most.

Source: Caruana, Niculescu-Mizil, Crew, Ksikes, "Ensemble selection from libraries of models", ICML 2004, sections 2.1
(with replacement: the same member may come again, which makes weights of counts) and 2.2 (sorted start: the best
single members are in from the beginning, as many of them as do best together). Of the ensembles on the way, the best
one counts, the smallest of equals. Among members that help alike the first is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from heterophony.ensemble.linear import Linear
from heterophony.ensemble.scorer import Scorer, scorer_of
from heterophony.ensemble.summed import Summed
from heterophony.errors import ConfigError
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class Greedy:
    """Greedy forward selection with replacement.

    Attributes:
        of: What is averaged, a name in `SUMMED`.
        score: What is sought, a name in `SCORES`.
        steps: Members at most, those of the start and repetitions counted.
        start: The most of the best single members that it may begin with.
        chooses: True.

    Raises:
        ConfigError: Fewer than one step or member to start with.
    """

    of: Summed = "log-probabilities"
    score: str = "hierarchical_f1"
    steps: int = 20
    start: int = 5
    chooses: bool = True

    def __post_init__(self) -> None:
        if self.steps < 1 or self.start < 1:
            raise ConfigError(f"greedy: steps={self.steps}, start={self.start}; wanted one or more of each")

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Linear:
        """Chooses on the labelled rows; raises like `scorer_of`."""
        scorer = scorer_of(members, taxonomy, self.of, self.score)
        counts = select(scorer, np.arange(len(members)), self.steps, self.start)
        return Linear(weights=counts / counts.sum(), of=self.of)


def select(
    scorer: Scorer, allowed: Int64[np.ndarray, " some"], steps: int, start: int
) -> Float64[np.ndarray, " members"]:
    """How often each member is in the best ensemble on the way.

    Args:
        scorer: Of all members.
        allowed: Those that may be chosen.
        steps: Members at most.
        start: The most of the best single members to begin with.
    """
    values = scorer.values[allowed]
    alone = scorer.of_sums(values, np.ones(len(allowed)))
    first = np.argsort(-alone, kind="stable")[: min(start, steps)]
    begun = scorer.of_weights(_prefixes(allowed[first], len(scorer.values)))
    added = first[: int(begun.argmax()) + 1].tolist()
    best, kept = float(begun.max()), len(added)
    total = values[added].sum(axis=0)
    while len(added) < steps:
        scores = scorer.of_sums(total + values, np.full(len(allowed), len(added) + 1.0))
        chosen = int(scores.argmax())
        added.append(chosen)
        total = total + values[chosen]
        if scores[chosen] > best:
            best, kept = float(scores[chosen]), len(added)
    return np.bincount(allowed[added[:kept]], minlength=len(scorer.values)).astype(np.float64)


def _prefixes(order: Int64[np.ndarray, " first"], members: int) -> Float64[np.ndarray, "first members"]:
    """The first, the first two, and so on, as weights."""
    weights = np.zeros((len(order), members))
    for place, member in enumerate(order):
        weights[place:, member] = 1
    return weights
