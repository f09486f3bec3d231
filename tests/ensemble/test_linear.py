from collections.abc import Callable

import numpy as np
import pytest

from heterophony.ensemble import SUMMED, Linear
from heterophony.ensemble.linear import equal
from heterophony.ensemble.summed import values_of, winners
from heterophony.errors import AlignmentError, ConfigError
from heterophony.predictions import Predictions, softmax

Make = Callable[..., Predictions]


@pytest.mark.parametrize("of", SUMMED)
def test_a_weighted_sum_says_the_class_with_the_largest_sum(of: str, member: Make) -> None:
    members = [member(1), member(2), member(3)]
    weights = np.array([0.2, 0.5, 0.3])
    total = sum(w * values_of(m, of) for w, m in zip(weights, members, strict=True))
    got = Linear(weights=weights, of=of).combine(members)
    np.testing.assert_array_equal(got.logits.argmax(axis=1), winners(total, of))
    assert np.isfinite(got.logits).all()


def test_weights_of_probabilities_weigh_probabilities(member: Make) -> None:
    members = [member(1), member(2)]
    got = softmax(Linear(weights=np.array([0.25, 0.75]), of="probabilities").combine(members).logits)
    np.testing.assert_allclose(got, 0.25 * softmax(members[0].logits) + 0.75 * softmax(members[1].logits), atol=1e-6)


def test_a_member_without_weight_does_not_count_but_must_belong(member: Make) -> None:
    both, one = [member(1), member(2)], member(1)
    got = Linear(weights=np.array([1.0, 0.0]), of="log-probabilities").combine(both)
    np.testing.assert_allclose(softmax(got.logits), softmax(one.logits), atol=1e-6)
    with pytest.raises(AlignmentError, match="the second lacks s89"):
        Linear(weights=np.array([1.0, 0.0]), of="logits").combine([one, member(2).take(np.arange(89))])


def test_other_members_and_impossible_weights_are_refused(member: Make) -> None:
    with pytest.raises(AlignmentError, match=r"1 members .* 2 weights; give all, in order"):
        equal(2, "logits").combine([member(1)])
    for weights in ([0.5, 0.6], [1.5, -0.5], [np.nan, 1.0]):
        with pytest.raises(ConfigError, match="wanted none below 0 and the sum 1"):
            Linear(weights=np.array(weights), of="logits")
