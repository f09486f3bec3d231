"""Bagged greedy selection: greedy selection from random parts of the pool, and the mean of the weights it finds.

Source: Caruana et al., "Ensemble selection from libraries of models", ICML 2004, section 2.3: a member that overfits
is not in every bag.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heterophony.ensemble.greedy import select
from heterophony.ensemble.linear import Linear
from heterophony.ensemble.scorer import scorer_of
from heterophony.ensemble.summed import Summed
from heterophony.errors import ConfigError
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class Bagged:
    """Bagged greedy selection.

    Attributes:
        of, score, steps, start: As of `Greedy`.
        bags: How many parts of the pool.
        share: How much of the pool each part is, above 0 and at most 1; at least one member.
        seed: Of the draws of the parts.
        chooses: True.

    Raises:
        ConfigError: No bag, or no such share.
    """

    of: Summed = "log-probabilities"
    score: str = "hierarchical_f1"
    steps: int = 20
    start: int = 5
    bags: int = 12
    share: float = 0.5
    seed: int = 0
    chooses: bool = True

    def __post_init__(self) -> None:
        if self.bags < 1 or not 0 < self.share <= 1:
            raise ConfigError(f"bagged: bags={self.bags}, share={self.share}; wanted one or more, and above 0 to 1")
        if self.steps < 1 or self.start < 1:
            raise ConfigError(f"bagged: steps={self.steps}, start={self.start}; wanted one or more of each")

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Linear:
        """Chooses on the labelled rows; raises like `scorer_of`."""
        scorer = scorer_of(members, taxonomy, self.of, self.score)
        generator = np.random.default_rng(self.seed)
        size = max(1, round(self.share * len(members)))
        weights = np.zeros(len(members))
        for _ in range(self.bags):
            bag = np.sort(generator.choice(len(members), size, replace=False))
            counts = select(scorer, bag, self.steps, self.start)
            weights += counts / counts.sum()
        return Linear(weights=weights / self.bags, of=self.of)
