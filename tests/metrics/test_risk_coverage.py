from itertools import permutations

import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.metrics import aurc, risk_coverage


def binary(sure: list[float], right: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Two classes; class 0 is always chosen, with that probability."""
    column = np.array(sure)
    return np.stack([column, 1 - column], axis=1), 1 - np.array(right)


def test_a_curve_that_can_be_drawn_by_hand() -> None:
    found = risk_coverage(*binary([0.6, 0.9, 0.8, 0.7], [1, 1, 0, 1]))
    assert found.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert found.risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4])
    assert found.confidence.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert aurc(*binary([0.6, 0.9, 0.8, 0.7], [1, 1, 0, 1])) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_all_right_is_0_all_wrong_is_1_and_equally_sure_is_the_share_of_wrong_answers() -> None:
    assert aurc(*binary([0.9, 0.7, 0.6], [1, 1, 1])) == 0
    assert aurc(*binary([0.9, 0.7, 0.6], [0, 0, 0])) == 1
    assert aurc(*binary([0.8] * 8, [1, 0, 0, 1, 1, 1, 1, 0])) == pytest.approx(3 / 8)


def test_errors_last_is_the_best_order_and_errors_first_the_worst() -> None:
    sure, orders = [0.95, 0.9, 0.8, 0.7, 0.6], set(permutations([1, 1, 1, 0, 0]))
    values = {right: aurc(*binary(sure, list(right))) for right in orders}
    assert min(values, key=values.__getitem__) == (1, 1, 1, 0, 0)
    assert max(values, key=values.__getitem__) == (0, 0, 1, 1, 1)


def test_ties_count_as_the_mean_over_all_their_orders() -> None:
    sure, right = [0.9, 0.7, 0.7, 0.7, 0.6], [0, 1, 0, 1, 1]
    broken = []
    for order in permutations([1, 2, 3]):
        apart = list(sure)
        for step, row in enumerate(order):
            apart[row] -= 1e-6 * step
        broken.append(aurc(*binary(apart, right)))
    assert len(set(broken)) > 1
    assert aurc(*binary(sure, right)) == pytest.approx(np.mean(broken), abs=1e-12)


def test_a_slow_restatement_gives_the_same_and_the_order_of_the_rows_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(5), size=200)
    target = rng.integers(5, size=200)
    order = sorted(range(200), key=lambda row: -probabilities[row].max())
    risks, wrong = [], 0
    for answered, row in enumerate(order, start=1):
        wrong += probabilities[row].argmax() != target[row]
        risks.append(wrong / answered)
    assert aurc(probabilities, target) == pytest.approx(np.mean(risks), abs=1e-12)
    mixed = rng.permutation(200)
    assert aurc(probabilities[mixed], target[mixed]) == aurc(probabilities, target)


def test_no_sample_is_refused() -> None:
    with pytest.raises(InputError, match="no labelled sample"):
        aurc(np.zeros((0, 2)), np.zeros(0, np.int64))
