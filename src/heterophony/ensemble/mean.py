r"""The plain mean of some models: no choice and no weights, so nothing that could fit the samples it is scored on.

With the logits $z_m$ of M models and $p_m = \mathrm{softmax}(z_m)$, the logits of the ensemble are

* logits: $\frac{1}{M} \sum_m z_m$, as in the audio-text report;
* probabilities: $\log \frac{1}{M} \sum_m p_m$, whose softmax is the mean of the probabilities;
* log-probabilities: $\frac{1}{M} \sum_m \log p_m$. Its softmax is that of the mean of the logits (the two differ by one
  constant per row), whatever constants the members add to their logits.

A model with larger logits weighs more in all three: one trained with label smoothing has smaller ones. Calibrate the
members first (`temperature.py`) where they were trained differently.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from heterophony.ensemble.linear import Linear, equal
from heterophony.ensemble.pool import together
from heterophony.ensemble.summed import MEANS, Mean, Summed
from heterophony.errors import ConfigError
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanOfAll:
    """All members alike.

    Attributes:
        of: What is averaged, a name in `SUMMED`; a vote of all is the mean of their votes.
        chooses: False.
    """

    of: Summed = "log-probabilities"
    chooses: bool = False

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Linear:
        """Needs no label."""
        del taxonomy
        return equal(len(together(members)), self.of)


def mean_of(members: Sequence[Predictions], *, of: Mean) -> Predictions:
    """One table: the mean of the members, in the order of the ids of the first.

    Args:
        members: At least one; the same ids in any order, the same classes and folds. A target that only some know
            is kept.
        of: What is averaged, one of `MEANS`.

    Raises:
        InputError: If there is no member.
        AlignmentError: If members differ in ids, classes, folds or known targets; the message names them.
        ConfigError: If `of` has another value.
    """
    if of not in MEANS:
        raise ConfigError(f"mean_of: of={of!r}; wanted one of {', '.join(MEANS)}")
    return equal(len(together(members)), of).combine(members)
