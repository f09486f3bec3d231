r"""Expected calibration error: how far "80 % sure" is from being right 80 times in a hundred.

Source: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017, eq. 3:
$\sum_b \frac{|B_b|}{n} |\mathrm{acc}(B_b) - \mathrm{conf}(B_b)|$ over equally wide bins $B_b$ of the probability of the
class that was chosen; bin b holds $(b/B, (b+1)/B]$.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int

from heterophony.errors import InputError


@dataclass(frozen=True, eq=False)
class Reliability:
    """One entry per bin that holds samples.

    Attributes:
        confidence: Mean probability of the chosen class, 0..1.
        accuracy: Share of right answers, 0..1.
        count: Samples in the bin.
    """

    confidence: Float64[np.ndarray, " bins"]
    accuracy: Float64[np.ndarray, " bins"]
    count: Int[np.ndarray, " bins"]


def reliability(
    probabilities: Float[np.ndarray, "samples classes"], target: Int[np.ndarray, " samples"], bins: int = 15
) -> Reliability:
    """What a reliability diagram shows."""
    if not len(target):
        raise InputError("calibration: no labelled sample to score; give rows whose target is known")
    sure = probabilities.max(axis=1)
    right = (probabilities.argmax(axis=1) == target).astype(np.float64)
    place = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    held = count > 0
    return Reliability(
        confidence=(np.bincount(place, sure, bins)[held] / count[held]),
        accuracy=(np.bincount(place, right, bins)[held] / count[held]),
        count=count[held],
    )


def calibration_error(
    probabilities: Float[np.ndarray, "samples classes"], target: Int[np.ndarray, " samples"], bins: int = 15
) -> float:
    """0 (means what it says) .. 1."""
    table = reliability(probabilities, target, bins)
    return float((table.count * np.abs(table.accuracy - table.confidence)).sum() / len(target))
