import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.metrics import log_loss, macro_log_loss


def test_a_uniform_guess_costs_the_logarithm_of_the_number_of_classes() -> None:
    guess = np.full((6, 4), 0.25)
    assert log_loss(guess, np.array([0, 1, 2, 3, 0, 0])) == pytest.approx(np.log(4))
    assert macro_log_loss(guess, np.array([0, 1, 2, 3, 0, 0])) == pytest.approx(np.log(4))


def test_the_numbers_of_ten_scenes() -> None:
    target = np.arange(20) % 10
    assert log_loss(np.full((20, 10), 0.1), target) == pytest.approx(2.302585, abs=1e-6)
    assert log_loss(np.eye(10)[target], target) == 0
    said = np.random.default_rng(0).dirichlet(np.ones(10), size=20)
    assert macro_log_loss(said, target) == pytest.approx(log_loss(said, target), rel=1e-12)  # classes of one size


def test_macro_weighs_classes_equally_and_overall_weighs_samples() -> None:
    probabilities = np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.75, 0.25]])
    target = np.array([0, 0, 0, 1])
    assert log_loss(probabilities, target) == pytest.approx((3 * np.log(2) + np.log(4)) / 4)
    assert macro_log_loss(probabilities, target) == pytest.approx((np.log(2) + np.log(4)) / 2)


def test_a_certain_error_is_finite_and_no_samples_are_refused() -> None:
    assert log_loss(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(15 * np.log(10))
    with pytest.raises(InputError, match="no labelled sample"):
        log_loss(np.zeros((0, 2)), np.array([], int))


def test_it_is_what_scikit_learn_says_and_renormalising_after_the_clip_changes_nothing_that_is_shown() -> None:
    from sklearn.metrics import log_loss as oracle

    rng = np.random.default_rng(2)
    probabilities = rng.dirichlet(np.full(23, 0.02), size=500)
    probabilities[0] = np.eye(23)[3]
    target = np.concatenate([[4], rng.integers(23, size=499)])
    clipped = np.maximum(probabilities, 1e-15)
    clipped /= clipped.sum(axis=1, keepdims=True)
    assert (probabilities[np.arange(500), target] < 1e-15).any()
    wanted = oracle(target, clipped, labels=range(23))
    assert log_loss(probabilities, target) == pytest.approx(wanted, rel=1e-12)
    each = [oracle(target[target == c], clipped[target == c], labels=range(23)) for c in np.unique(target)]
    assert macro_log_loss(probabilities, target) == pytest.approx(np.mean(each), rel=1e-12)


def test_macro_and_overall_accuracy_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import accuracy_score, balanced_accuracy_score

    from heterophony.metrics import confusion_matrix, evaluate_confusion
    from heterophony.taxonomy import BST

    rng = np.random.default_rng(3)
    target, said = rng.integers(22, size=400), rng.integers(22, size=400)
    scores = evaluate_confusion(confusion_matrix(target, said, 23), BST)
    assert scores["accuracy"] == pytest.approx(accuracy_score(target, said))
    assert scores["macro_accuracy"] == pytest.approx(balanced_accuracy_score(target, said))
