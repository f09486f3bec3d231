"""What every way to combine has in common: it is fitted on labelled tables, and what comes of it combines others."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64

from heterophony.ensemble.summed import Summed
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy


@runtime_checkable
class Ensemble(Protocol):
    """Some models as one."""

    @property
    def weights(self) -> Float64[np.ndarray, " members"]:
        """How much each member counts, with the sum 1."""

    def combine(self, members: Sequence[Predictions]) -> Predictions:
        """One table of the tables of the members, in the order in which they were fitted."""


@runtime_checkable
class Method(Protocol):
    """A way to combine, with its settings."""

    @property
    def of(self) -> Summed:
        """What it reads of each member."""

    @property
    def chooses(self) -> bool:
        """Whether anything is fitted to the labelled rows; if not, all rows may be scored."""

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Ensemble:
        """Fits to the labelled rows of the members: the same rows in the same order, in one fold or several."""
