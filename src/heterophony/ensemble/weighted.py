r"""Weights on the simplex that make the known targets most likely.

With weights $w_m \ge 0$, $\sum_m w_m = 1$ and the probabilities $p_m$ of the members, the mean log-loss over the
labelled rows is

* probabilities: $-\log \sum_m w_m p_m[y]$, convex in w because minus the logarithm of a linear function is;
* log-probabilities: $-\sum_m w_m \log p_m[y] + \log \sum_c \exp \sum_m w_m \log p_m[c]$, convex because it is linear
  plus a log-sum-exp of linear functions. Logits give the same.

So every minimum is the minimum. It is found by sequential quadratic programming (SciPy's SLSQP) with these gradients g,
and checked: by convexity the loss is at most $w \cdot g - \min_m g_m$ above the smallest; that must be below `GAP`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int

from heterophony.ensemble.linear import Linear
from heterophony.ensemble.pool import together
from heterophony.ensemble.summed import MEANS, Mean
from heterophony.errors import ConfigError, InputError
from heterophony.predictions import Predictions, log_softmax
from heterophony.taxonomy import Taxonomy

GAP = 1e-5
"""How far the log-loss may be from the smallest, in nats."""
NOTHING = 1e-7
"""Weights below are rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """The weights that minimise log-loss.

    Attributes:
        of: "log-probabilities", "logits" (the same) or "probabilities".
        chooses: True.

    Raises:
        ConfigError: `of` is none of these: votes have no log-loss.
    """

    of: Mean = "log-probabilities"
    chooses: bool = True

    def __post_init__(self) -> None:
        if self.of not in MEANS:
            raise ConfigError(f"weighted: of={self.of!r}; votes have no log-loss: wanted one of {', '.join(MEANS)}")

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Linear:
        """Fits to the labelled rows.

        Raises:
            InputError: No row is labelled, or the minimum was not reached.
        """
        del taxonomy
        aligned = together(members)
        rows = np.flatnonzero(aligned[0].target >= 0)
        if not len(rows):
            raise InputError("weighted: no labelled row to fit to; give rows whose target is known")
        logs = np.stack([log_softmax(member.logits[rows]) for member in aligned])
        return Linear(weights=_minimise(logs, aligned[0].target[rows], linear=self.of == "probabilities"), of=self.of)


def _minimise(
    logs: Float64[np.ndarray, "members rows classes"], target: Int[np.ndarray, " rows"], *, linear: bool
) -> Float64[np.ndarray, " members"]:
    """The weights of the smallest loss."""
    from scipy.optimize import minimize

    true = np.ascontiguousarray(logs[:, np.arange(len(target)), target])

    def loss(weights: Float64[np.ndarray, " members"]) -> tuple[float, Float64[np.ndarray, " members"]]:
        return _of_probabilities(true, weights) if linear else _of_logs(logs, true, weights)

    count = len(logs)
    found = minimize(
        loss,
        np.full(count, 1 / count),
        jac=True,
        method="SLSQP",
        bounds=[(0, 1)] * count,
        constraints=[{"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda _: np.ones(count)}],
        options={"maxiter": 1000, "ftol": 1e-10},
    )
    weights = np.where(found.x > NOTHING, found.x, 0.0)
    weights /= weights.sum()
    _, gradient = loss(weights)
    gap = float(weights @ gradient - gradient.min())
    if not gap < GAP:
        raise InputError(
            f"weighted: {gap:.1e} nats above the smallest log-loss after {found.nit} steps ({found.message}); "
            "calibrate the members, or use --method mean"
        )
    return np.asarray(weights)


def _of_probabilities(
    true: Float64[np.ndarray, "members rows"], weights: Float64[np.ndarray, " members"]
) -> tuple[float, Float64[np.ndarray, " members"]]:
    """Loss and gradient of the mean of the probabilities."""
    highest = true.max(axis=0)  # probabilities may underflow; their ratios do not
    shares = np.exp(true - highest)
    mixed = np.maximum(weights @ shares, np.finfo(np.float64).tiny)
    return float(-(np.log(mixed) + highest).mean()), np.asarray(-(shares / mixed).mean(axis=1))


def _of_logs(
    logs: Float64[np.ndarray, "members rows classes"],
    true: Float64[np.ndarray, "members rows"],
    weights: Float64[np.ndarray, " members"],
) -> tuple[float, Float64[np.ndarray, " members"]]:
    """Loss and gradient of the mean of the log-probabilities."""
    flat = logs.reshape(len(logs), -1)
    mixed = log_softmax((weights @ flat).reshape(logs.shape[1:]))
    expected = flat @ np.exp(mixed).ravel() / true.shape[1]
    mean = true.mean(axis=1)
    normaliser = mixed[:, 0] - weights @ logs[:, :, 0]  # minus the log-sum-exp, of each row
    return float(-(weights @ mean) - normaliser.mean()), np.asarray(expected - mean)
