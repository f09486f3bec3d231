r"""Temperature scaling: probabilities that mean what they say, with the order of the classes unchanged.

Source: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017, section 4.2:
$p = \mathrm{softmax}(z / T)$ with the one $T > 0$ that minimises the mean negative log-likelihood
$-\frac{1}{n} \sum_i \log p_i[y_i]$ on samples the model was not trained on.
"""

import numpy as np
from jaxtyping import Float, Float64, Int

from heterophony.errors import ConfigError, InputError

TEMPERATURE_RANGE = (0.02, 50.0)
"""What `fit_temperature` may answer; a model far outside is broken rather than overconfident."""


def log_softmax(
    logits: Float[np.ndarray, "samples classes"], temperature: float = 1.0
) -> Float64[np.ndarray, "samples classes"]:
    """Natural logarithm of `softmax`, exact also where the probability underflows.

    Raises:
        ConfigError: If the temperature is not a positive number.
    """
    if not (np.isfinite(temperature) and temperature > 0):
        raise ConfigError(f"temperature {temperature}: wanted a positive number; 1 leaves the logits as they are")
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True, initial=-np.inf)
    return np.asarray(scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True)))


def softmax(
    logits: Float[np.ndarray, "samples classes"], temperature: float = 1.0
) -> Float64[np.ndarray, "samples classes"]:
    """Probabilities; rows sum to 1. A temperature above 1 makes them less sure. Raises like `log_softmax`."""
    return np.asarray(np.exp(log_softmax(logits, temperature)))


def fit_temperature(logits: Float[np.ndarray, "samples classes"], target: Int[np.ndarray, " samples"]) -> float:
    """The temperature in `TEMPERATURE_RANGE` that makes the known targets most likely.

    The likelihood has one optimum in 1/T (it is concave there), so a bounded search on log T finds it.

    Args:
        logits: Of samples the model was not trained on.
        target: Their true classes; rows with -1 do not count.

    Raises:
        InputError: If no target is known.
    """
    from scipy.optimize import minimize_scalar

    known = np.flatnonzero(target >= 0)
    if not len(known):
        raise InputError("fit_temperature: no row has a known target; calibrate on labelled samples")
    held, truth = logits[known], target[known]
    rows = np.arange(len(known))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(held, float(np.exp(log_temperature)))[rows, truth].mean())

    low, high = np.log(TEMPERATURE_RANGE)
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))
