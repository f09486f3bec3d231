"""Logistic regression that knows of classes without rows; what the priors are fitted with."""

from typing import Any

import numpy as np
from jaxtyping import Float32, Int

UNSEEN = -12.0
"""Bias of a class that training did not have: a log-prior near it, never minus infinity."""


def logistic_regression(
    x: Any,  # noqa: ANN401 - dense or sparse; scipy has no types
    target: Int[np.ndarray, " n"],
    n_classes: int,
    *,
    c: float,
    tol: float = 1e-4,
) -> tuple[Float32[np.ndarray, "columns classes"], Float32[np.ndarray, " classes"]]:
    """Weights and bias that minimise cross-entropy + |weights|^2 / (2 c), by scikit-learn.

    Classes that do not occur get no weights and the bias `UNSEEN`.

    Args:
        x: Matrix `[n, columns]`, dense or sparse.
        target: Class indices.
        n_classes: Number of classes, also of those that do not occur.
        c: Inverse strength of the penalty, > 0.
        tol: Where the solver stops.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    weights = np.zeros((x.shape[1], n_classes), dtype=np.float32)
    bias = np.full(n_classes, UNSEEN, dtype=np.float32)
    seen = np.unique(target)
    if len(seen) == 1:
        bias[seen] = 0.0
        return weights, bias
    with threadpool_limits(1):  # these products are too small to be shared; threads only wait for each other
        model = LogisticRegression(C=c, max_iter=2000, tol=tol).fit(x, target)
    if len(seen) == 2:  # one row of weights for the second class against the first
        coefficients, intercept = np.outer([-0.5, 0.5], model.coef_[0]), np.array([-0.5, 0.5]) * model.intercept_
    else:
        coefficients, intercept = model.coef_, model.intercept_ - model.intercept_.mean()
    weights[:, seen] = coefficients.T
    bias[seen] = intercept
    return weights, bias
