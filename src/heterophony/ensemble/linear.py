r"""Weighted sums: what mean, votes, weights, searches and greedy selection all come to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from heterophony.ensemble.pool import together
from heterophony.ensemble.summed import Summed, logits_of, values_of
from heterophony.errors import AlignmentError, ConfigError
from heterophony.predictions import Predictions, log_softmax


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linear:
    r"""The ensemble $\sum_m w_m v_m$ of the values $v_m$ of its members.

    Attributes:
        weights: One per member, none below 0, with the sum 1.
        of: What is added up, a name in `SUMMED`.

    Raises:
        ConfigError: The weights are no such weights.
    """

    weights: Float64[np.ndarray, " members"]
    of: Summed

    def __post_init__(self) -> None:
        if not (np.isfinite(self.weights).all() and (self.weights >= 0).all() and abs(self.weights.sum() - 1) < 1e-6):
            raise ConfigError(f"ensemble: weights {self.weights.tolist()}; wanted none below 0 and the sum 1")

    def combine(self, members: Sequence[Predictions]) -> Predictions:
        """One table, in the order of the ids of the first member. Members of weight 0 must be there and do not count.

        Raises:
            AlignmentError: Other members than weights, or they do not belong together.
        """
        if len(members) != len(self.weights):
            raise AlignmentError(
                f"ensemble: {len(members)} members for {len(self.weights)} weights; give all, in order"
            )
        aligned = together(members)
        used = [(weight, member) for weight, member in zip(self.weights, aligned, strict=True) if weight > 0]
        if self.of == "probabilities":
            # log of a mean of probabilities that may underflow: logits must stay finite.
            logs = np.logaddexp.reduce([np.log(weight) + log_softmax(member.logits) for weight, member in used])
            logits = logits_of(np.asarray(logs), "log-probabilities")
        else:
            total = sum(weight * values_of(one, self.of) for weight, one in used)
            logits = logits_of(np.asarray(total), self.of)
        first = aligned[0]
        return Predictions(first.ids, logits, first.target, first.fold, first.classes)


def equal(count: int, of: Summed) -> Linear:
    """All members alike."""
    return Linear(weights=np.full(count, 1 / count), of=of)
