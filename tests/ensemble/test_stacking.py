from collections.abc import Callable
from dataclasses import replace
from inspect import unwrap

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from heterophony.ensemble import Stacking
from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.predictions import Predictions, softmax
from heterophony.taxonomy import Taxonomy

Make = Callable[..., Predictions]


def test_it_is_the_regression_of_scikit_learn_on_all_probabilities(member: Make, tree: Taxonomy) -> None:
    members = [member(1), member(2)]
    got = Stacking().fit(members, tree).combine(members)
    features = np.hstack([softmax(one.logits) for one in members])
    wanted = LogisticRegression(C=5.0, max_iter=5000).fit(features, members[0].target)
    np.testing.assert_allclose(softmax(got.logits), wanted.predict_proba(features), atol=1e-5)


@pytest.mark.parametrize("of", ["probabilities", "log-probabilities"])
def test_it_undoes_what_a_member_always_confuses(of: str, member: Make, tree: Taxonomy) -> None:
    """A member that says b for a, c for b, ... is always wrong, and tells all."""
    confused = replace(member(1), logits=np.roll(member(1, noise=0.3).logits, 1, axis=1))
    assert (confused.logits.argmax(axis=1) == confused.target).mean() < 0.1
    got = Stacking(of=of).fit([confused, member(2)], tree).combine([confused, member(2)])
    assert (got.logits.argmax(axis=1) == got.target).mean() > 0.95


def test_the_member_that_knows_has_the_larger_share(member: Make, tree: Taxonomy) -> None:
    weights = Stacking().fit([member(1, noise=0.5), member(2, noise=30.0)], tree).weights
    assert weights[0] > 0.6
    np.testing.assert_allclose(weights.sum(), 1)


def test_two_classes_are_no_special_case() -> None:
    two = Taxonomy("two", ("a", "b"), ("a", "b"), (0, 1))
    target = np.arange(20) % 2
    logits = (np.eye(2)[target] + np.random.default_rng(0).normal(size=(20, 2))).astype(np.float32)
    one = Predictions(tuple(f"s{row}" for row in range(20)), logits, target, np.zeros(20, int), two.classes)
    fitted = Stacking().fit([one, one], two)
    assert fitted.combine([one, one]).logits.shape == (20, 2)
    np.testing.assert_allclose(fitted.weights, [0.5, 0.5], atol=1e-6)


def test_what_cannot_be_fitted_is_refused(member: Make, tree: Taxonomy) -> None:
    members = [member(1), member(2)]
    with pytest.raises(InputError, match=r"no labelled row of d \(1 classes\) to fit to"):
        Stacking().fit([one.take(np.flatnonzero(one.target != 3)) for one in members], tree)
    with pytest.raises(AlignmentError, match="1 members, fitted on 2"):
        Stacking().fit(members, tree).combine(members[:1])
    with pytest.raises(ConfigError, match=r"of='hard', C=5.0; wanted \(log-\)probabilities and a C above 0"):
        unwrap(Stacking.__init__)(object.__new__(Stacking), of="hard")
    with pytest.raises(ConfigError, match="C=0"):
        Stacking(c=0.0)
