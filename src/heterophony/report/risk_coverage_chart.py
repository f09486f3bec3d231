"""How often the surest answers are wrong: what a curator gains who looks at the unsure rest, in 200 x 200 units."""

from dataclasses import dataclass

import numpy as np

from heterophony.metrics.risk_coverage import risk_coverage
from heterophony.predictions import Predictions
from heterophony.report.reliability_chart import SIZE, held_out_probabilities

COVERAGES = (0.5, 0.8, 0.9, 1.0)
_POINTS = 200


@dataclass(frozen=True)
class RiskChart:
    """The curve.

    Attributes:
        area: Below it, 0..1.
        top: Share of wrong answers at the upper edge, 0..1.
        line: Path of the curve.
        rows: (share answered, share of wrong answers among them, probability of the least sure of them).
    """

    area: float
    top: float
    line: str
    rows: list[tuple[float, float, float]]


def risk_chart(table: Predictions) -> RiskChart:
    """The curve of the labelled rows of all folds, at the temperatures that the other folds ask for."""
    known = table.target >= 0
    sure, _ = held_out_probabilities(table)
    curve = risk_coverage(sure[known], table.target[known])
    top = min(1.0, max(0.05, np.ceil(10 * float(curve.risk.max())) / 10))
    n = len(curve.risk)
    shown = np.unique(np.linspace(0, n - 1, min(n, _POINTS)).round().astype(np.int64))
    points = [f"{SIZE * curve.coverage[row]:.1f} {SIZE * (1 - curve.risk[row] / top):.1f}" for row in shown]
    rows = []
    for coverage in COVERAGES:
        row = max(0, round(coverage * n) - 1)
        rows.append((coverage, float(curve.risk[row]), float(curve.confidence[row])))
    return RiskChart(float(curve.risk.mean()), float(top), "M" + "L".join(points), rows)
