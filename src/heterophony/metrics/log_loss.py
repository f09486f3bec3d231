r"""Log-loss: the mean surprise, in nats, at the true class.

Source: DCASE 2021 task 1B. Of the probabilities $p_i$ (clipped at 1e-15, rows sum to 1) the overall value is
$-\frac{1}{n} \sum_i \ln p_i[y_i]$; the macro value, by which that challenge ranked, is the mean over the classes
that occur of the mean over their samples.
"""

import numpy as np
from jaxtyping import Float, Float64, Int

from heterophony.errors import InputError

SMALLEST = 1e-15


def log_loss(probabilities: Float[np.ndarray, "samples classes"], target: Int[np.ndarray, " samples"]) -> float:
    """Mean over samples, >= 0, lower is better; a uniform guess over C classes gives ln C."""
    return float(_surprise(probabilities, target).mean())


def macro_log_loss(probabilities: Float[np.ndarray, "samples classes"], target: Int[np.ndarray, " samples"]) -> float:
    """Mean over the classes that occur of the mean over their samples, >= 0, lower is better."""
    surprise = _surprise(probabilities, target)
    return float(np.mean([surprise[target == label].mean() for label in np.unique(target)]))


def _surprise(
    probabilities: Float[np.ndarray, "samples classes"], target: Int[np.ndarray, " samples"]
) -> Float64[np.ndarray, " samples"]:
    """-ln of the probability of the true class."""
    if not len(target):
        raise InputError("log_loss: no labelled sample to score; give rows whose target is known")
    truth = probabilities[np.arange(len(target)), target]
    return np.asarray(-np.log(np.maximum(truth, SMALLEST)), dtype=np.float64)
