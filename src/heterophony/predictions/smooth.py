"""Probabilities over time, smoothed."""

import numpy as np
from jaxtyping import Float64


def smooth(probabilities: Float64[np.ndarray, "steps classes"], reach: int) -> Float64[np.ndarray, "steps classes"]:
    r"""The mean over a centred span, $q_k = |K|^{-1} \sum_{j \in K} p_j$ with $K = \{j : |j - k| \le r\}$.

    At both ends the span is cut off. A step without probabilities stays without, and lends none.

    Args:
        probabilities: Of steps of equal length, rows sum to 1; NaN where nothing is known.
        reach: r, steps on each side, >= 0; 0 changes nothing.

    >>> smooth(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), 1)[1].round(3).tolist()
    [0.667, 0.333]
    """
    known = ~np.isnan(probabilities).any(axis=1)
    values = np.where(known[:, None], probabilities, 0.0)
    total, count = np.zeros_like(values), np.zeros(len(values))
    for shift in range(-min(reach, len(values)), min(reach, len(values)) + 1):
        to, of = slice(max(0, -shift), len(values) - max(0, shift)), slice(max(0, shift), len(values) - max(0, -shift))
        total[to] += values[of]
        count[to] += known[of]
    smoothed: Float64[np.ndarray, "steps classes"] = total / np.maximum(count, 1)[:, None]
    smoothed[~known] = np.nan
    return smoothed
