"""The curve of wrong answers among the surest."""

import numpy as np

from heterophony.predictions import Predictions
from heterophony.report.risk_coverage_chart import risk_chart


def test_who_is_wrong_only_where_least_sure_errs_nowhere_but_at_the_end() -> None:
    sure = np.linspace(5, 1, 10, dtype=np.float32)
    logits = np.stack([sure, np.zeros(10, np.float32)], axis=1)
    target = np.array([0] * 8 + [1, 1])
    chart = risk_chart(Predictions(tuple("abcdefghij"), logits, target, np.zeros(10, np.int64), ("x", "y")))
    assert [(coverage, round(wrong, 6)) for coverage, wrong, _ in chart.rows] == [
        (0.5, 0.0),
        (0.8, 0.0),
        (0.9, round(1 / 9, 6)),
        (1.0, 0.2),
    ]
    assert chart.top == 0.2
    assert chart.line.startswith("M20.0 200.0")
    assert chart.line.endswith("L200.0 0.0")
    assert round(chart.area, 6) == round((1 / 9 + 0.2) / 10, 6)
