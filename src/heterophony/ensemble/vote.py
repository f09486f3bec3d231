"""Votes: what can be combined of models that say no more than a class and how sure they are of it.

Source: the vote kinds that the audio-text report's published predictions allow; see `summed.py` for the three.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from heterophony.ensemble.linear import Linear, equal
from heterophony.ensemble.pool import together
from heterophony.ensemble.vote_values import VOTES, Votes
from heterophony.errors import ConfigError
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """Every member has one vote.

    Attributes:
        of: "hard", "score" or "log-odds".
        chooses: False.

    Raises:
        ConfigError: `of` is none of these.
    """

    of: Votes = "hard"
    chooses: bool = False

    def __post_init__(self) -> None:
        if self.of not in VOTES:
            raise ConfigError(f"vote: of={self.of!r}; wanted one of {', '.join(VOTES)}")

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Linear:
        """Needs no label."""
        del taxonomy
        return equal(len(together(members)), self.of)
