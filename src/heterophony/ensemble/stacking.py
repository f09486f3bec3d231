"""Stacking: a regression that reads what all members say and says what they should have said.

Source: Wolpert, "Stacked generalization", Neural Networks 5, 1992; as a further public system of the challenge does it:
multinomial logistic regression with C = 5 on the members' out-of-fold probabilities. The predictions of a
cross-validation are out of fold by themselves. Of tables with a class and its score the probabilities are those that
the score implies: s for the class, the rest spread evenly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64

from heterophony.ensemble.pool import together
from heterophony.ensemble.summed import values_of
from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy


@runtime_checkable
class _Regression(Protocol):
    """What is used of a fitted scikit-learn regression."""

    def predict_log_proba(self, features: Float64[np.ndarray, "rows features"]) -> Float64[np.ndarray, "rows classes"]:
        """Log-probabilities."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stacked:
    """A fitted regression on what members say.

    Attributes:
        regression: Fitted.
        of: What it reads.
        weights: The share of each member in the sum of the absolute coefficients.
    """

    regression: _Regression
    of: Literal["probabilities", "log-probabilities"]
    weights: Float64[np.ndarray, " members"]

    def combine(self, members: Sequence[Predictions]) -> Predictions:
        """One table, in the order of the ids of the first member.

        Raises:
            AlignmentError: Other members than it was fitted on, or they do not belong together.
        """
        if len(members) != len(self.weights):
            raise AlignmentError(f"stacking: {len(members)} members, fitted on {len(self.weights)}; give all, in order")
        aligned = together(members)
        first = aligned[0]
        logits = self.regression.predict_log_proba(np.hstack([values_of(one, self.of) for one in aligned]))
        return Predictions(first.ids, logits.astype(np.float32), first.target, first.fold, first.classes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacking:
    """Stacking by multinomial logistic regression with an L2 penalty.

    Attributes:
        of: What it reads of each member: "probabilities" or "log-probabilities".
        c: The inverse of the penalty, above 0.
        chooses: True.

    Raises:
        ConfigError: Another `of`, or no such C.
    """

    of: Literal["probabilities", "log-probabilities"] = "probabilities"
    c: float = 5.0
    chooses: bool = True

    def __post_init__(self) -> None:
        if self.of not in ("probabilities", "log-probabilities") or not self.c > 0:
            raise ConfigError(f"stacking: of={self.of!r}, C={self.c}; wanted (log-)probabilities and a C above 0")

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Stacked:
        """Fits to the labelled rows.

        Raises:
            InputError: A class has no labelled row, so that nothing could ever say it.
        """
        from sklearn.linear_model import LogisticRegression

        aligned = together(members)
        rows = np.flatnonzero(aligned[0].target >= 0)
        target = aligned[0].target[rows]
        absent = sorted(set(range(taxonomy.n_classes)) - set(target.tolist()))
        if absent:
            named = ", ".join(taxonomy.classes[label] for label in absent[:5])
            raise InputError(
                f"stacking: no labelled row of {named} ({len(absent)} classes) to fit to; use another method"
            )
        features = np.hstack([values_of(member.take(rows), self.of) for member in aligned])
        regression = LogisticRegression(C=self.c, max_iter=5000).fit(features, target)
        share = np.abs(regression.coef_).reshape(-1, len(aligned), taxonomy.n_classes).sum(axis=(0, 2))
        weights = share / share.sum() if share.sum() > 0 else np.full(len(aligned), 1 / len(aligned))
        return Stacked(regression=regression, of=self.of, weights=weights)
