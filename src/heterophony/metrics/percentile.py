"""A number with the interval that its resamples span.

Source: B. Efron, R. J. Tibshirani, "An introduction to the bootstrap", 1993, chapters 6 (standard error) and 13
(percentile interval).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from heterophony.errors import ConfigError


@dataclass(frozen=True)
class Interval:
    """A number and where it may lie, in the unit of the score (fractions of 1).

    Attributes:
        value: Of the samples as they are.
        low: Lower end.
        high: Upper end.
        draws: How many resamples it rests on.
        spread: Standard error: the standard deviation over the resamples (ddof 1).
    """

    value: float
    low: float
    high: float
    draws: int
    spread: float


def percentile_interval(value: float, resampled: Float64[np.ndarray, " draws"], level: float) -> Interval:
    """The interval that leaves (1 - level) / 2 of the resamples on each side.

    Raises:
        ConfigError: If the level is not between 0 and 1, or there are not two resamples.
    """
    if not 0 < level < 1:
        raise ConfigError(f"interval: level={level}; wanted a share between 0 and 1, such as 0.95")
    if len(resampled) < 2:
        raise ConfigError(f"interval: draws={len(resampled)}; a spread needs 2, an interval some hundreds")
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high), len(resampled), float(resampled.std(ddof=1)))
