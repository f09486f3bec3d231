r"""Logits from whatever a file says: probabilities, logits, or the top class with or without its score.

A row that only knows its top class c and the probability s of it is spread evenly over the others:
$z_c = \log s$ and $z_j = \log \frac{1 - s}{C - 1}$. Its softmax gives s back, its argmax is c, and the mean of such
rows is the log-odds vote over runs whose logits nobody kept. s is clipped to 0.99995: a score that is printed with four
decimals rounds to 1.
"""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

SMALLEST = float(np.finfo(np.float32).tiny)
"""Stands for a probability of 0, whose logarithm is not finite."""

SUREST = 0.99995
"""The largest score of a top class."""

ROUNDING = 5e-5
"""How far a score may lie below 1/C, having been printed with four decimals."""

SUM_TOLERANCE = 0.01
"""How far the probabilities of a row may be from summing to 1, having been rounded."""


def like_probabilities(values: Float64[np.ndarray, "rows classes"]) -> Bool[np.ndarray, " rows"]:
    """Whether each row could be probabilities: all in 0..1, and they sum to 1."""
    inside = ((values >= 0) & (values <= 1)).all(axis=1)
    return np.asarray(inside & (np.abs(values.sum(axis=1) - 1) <= SUM_TOLERANCE))


def log_probabilities(values: Float64[np.ndarray, "rows classes"]) -> Float32[np.ndarray, "rows classes"]:
    """Logits of probabilities; 0 becomes the logarithm of `SMALLEST`."""
    return np.asarray(np.log(np.maximum(values, SMALLEST)), dtype=np.float32)


def too_small(score: Float64[np.ndarray, " rows"], n_classes: int) -> Bool[np.ndarray, " rows"]:
    """Whether each score is below 1/C, which the likeliest of C classes cannot have."""
    return np.asarray(score < 1 / n_classes - ROUNDING)


def top_score(
    top: Int64[np.ndarray, " rows"], score: Float64[np.ndarray, " rows"], n_classes: int
) -> Float32[np.ndarray, "rows n_classes"]:
    """Logits of rows known by their top class and its probability, which is in 1/C..1."""
    sure = np.clip(score, (1 + 1e-5) / n_classes, SUREST)  # above 1/C the top stays the only maximum
    logits = np.repeat(np.log((1 - sure) / max(1, n_classes - 1))[:, None], n_classes, axis=1)
    logits[np.arange(len(top)), top] = np.log(sure)
    return logits.astype(np.float32)


def top_class(top: Int64[np.ndarray, " rows"], n_classes: int) -> Float32[np.ndarray, "rows n_classes"]:
    """1 at the top class, 0 elsewhere: sums of such rows count votes. As probabilities they mean nothing."""
    return np.asarray(np.eye(n_classes, dtype=np.float32)[top])
