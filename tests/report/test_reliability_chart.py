"""The diagram, and probabilities whose temperature no row of the own fold has a say in."""

import numpy as np
import pytest

from heterophony.predictions import Predictions, fit_temperature, softmax
from heterophony.report.reliability_chart import SIZE, held_out_probabilities, reliability_charts

CLASSES = ("a", "b")


def table(rows: int, folds: int, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, rows)
    said = np.where(rng.random(rows) < 0.7, target, 1 - target)
    logits = (4 * np.eye(2)[said] + rng.normal(0, 1, (rows, 2))).astype(np.float32)
    return Predictions(tuple(map(str, range(rows))), logits, target, np.arange(rows) % folds, CLASSES)


def test_the_temperature_of_a_fold_is_that_of_the_other_folds() -> None:
    some = table(180, 3)
    made, fitted = held_out_probabilities(some)
    assert set(fitted) == {0, 1, 2}
    for fold, heat in fitted.items():
        others, own = some.fold != fold, some.fold == fold
        assert heat == fit_temperature(some.logits[others], some.target[others])
        np.testing.assert_array_equal(made[own], softmax(some.logits[own], heat))


def test_labels_of_a_fold_do_not_move_its_own_probabilities() -> None:
    some = table(180, 3)
    turned = np.where(some.fold == 1, 1 - some.target, some.target)
    other = Predictions(some.ids, some.logits, turned, some.fold, CLASSES)
    (first, _), (second, _) = held_out_probabilities(some), held_out_probabilities(other)
    np.testing.assert_array_equal(first[some.fold == 1], second[some.fold == 1])
    assert not np.array_equal(first[some.fold == 0], second[some.fold == 0])


def test_too_few_other_rows_leave_the_logits_as_they_are() -> None:
    some = table(90, 2)
    made, fitted = held_out_probabilities(some)
    assert fitted == {}
    np.testing.assert_array_equal(made, softmax(some.logits))
    assert len(reliability_charts(some)) == 1


def test_too_sure_a_model_is_nearer_the_line_after_scaling() -> None:
    raw, scaled = reliability_charts(table(600, 3))
    assert scaled.error < raw.error
    assert "temperature of the other folds" in scaled.title
    assert all(0 <= x <= SIZE and 0 <= y <= SIZE for x, y, _, _ in raw.points)


def test_a_point_says_what_it_stands_for() -> None:
    logits = np.array([[9.0, 0.0]] * 4, np.float32)
    some = Predictions(tuple("abcd"), logits, np.array([0, 0, 0, 1]), np.zeros(4, np.int64), CLASSES)
    (chart,) = reliability_charts(some)
    ((x, y, radius, text),) = chart.points
    assert text == "says 100 %, is right 75 %: 4 sounds"
    assert (x, y, radius) == (pytest.approx(SIZE, abs=0.1), pytest.approx(SIZE / 4), 9.0)
