"""How far "80 % sure" is from being right 80 times in a hundred, as drawings in 200 x 200 units."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from heterophony.metrics import calibration_error, reliability
from heterophony.predictions import Predictions, fit_temperature, softmax

SIZE = 200.0
BINS = 15
FEWEST = 50
"""Rows of other folds that a temperature needs."""


@dataclass(frozen=True)
class ReliabilityChart:
    """One diagram.

    Attributes:
        title: What the probabilities are.
        error: Calibration error of all rows together, 0..1.
        points: Of each bin (x, y, radius, hover text); y counts from the top.
        line: Path through the points.
    """

    title: str
    error: float
    points: list[tuple[float, float, float, str]]
    line: str


def held_out_probabilities(table: Predictions) -> tuple[Float64[np.ndarray, "rows classes"], dict[int, float]]:
    """Probabilities at the temperature that the labelled rows of the other folds ask for, and that of each fold.

    Where the others are fewer than `FEWEST`, the temperature is 1, and the fold is not named.
    """
    made = softmax(table.logits)
    fitted: dict[int, float] = {}
    for fold in np.unique(table.fold).tolist():
        others = np.flatnonzero((table.fold != fold) & (table.target >= 0))
        if len(others) >= FEWEST:
            fitted[fold] = fit_temperature(table.logits[others], table.target[others])
            rows = table.fold == fold
            made[rows] = softmax(table.logits[rows], fitted[fold])
    return made, fitted


def reliability_charts(table: Predictions) -> list[ReliabilityChart]:
    """The diagram of the probabilities as they come, and after temperature scaling where other folds allow it."""
    known = table.target >= 0
    scaled, fitted = held_out_probabilities(table)
    charts = [_chart("As the networks say it", softmax(table.logits)[known], table.target[known])]
    if fitted:
        low, high = min(fitted.values()), max(fitted.values())
        heat = f"{low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} to {high:.2f}"
        title = f"At the temperature of the other folds ({heat})"
        charts.append(_chart(title, scaled[known], table.target[known]))
    return charts


def _chart(title: str, sure: Float64[np.ndarray, "rows classes"], target: np.ndarray) -> ReliabilityChart:
    found = reliability(sure, target, BINS)
    most = float(found.count.max())
    points = []
    for said, right, count in zip(found.confidence, found.accuracy, found.count, strict=True):
        text = f"says {100 * said:.0f} %, is right {100 * right:.0f} %: {count} sounds"
        points.append((SIZE * float(said), SIZE * (1 - float(right)), 2.5 + 6.5 * float(count / most) ** 0.5, text))
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, _, _ in points)
    return ReliabilityChart(title, calibration_error(sure, target, BINS), points, line)
