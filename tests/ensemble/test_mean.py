from dataclasses import replace
from inspect import unwrap

import numpy as np
import pytest

from heterophony.ensemble import MEANS, mean_of
from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.predictions import Predictions, softmax


def member(seed: int, rows: int = 12, scale: float = 1.0) -> Predictions:
    logits = scale * np.random.default_rng(seed).normal(size=(rows, 3)).astype(np.float32)
    ids = tuple(f"s{row}" for row in range(rows))
    return Predictions(ids, logits.astype(np.float32), np.arange(rows) % 3, np.arange(rows) % 2, ("a", "b", "c"))


MEMBERS = [member(1), member(2), member(3, scale=4.0)]


def test_the_mean_of_logits_is_a_plain_mean() -> None:
    got = mean_of(MEMBERS, of="logits")
    slow = [[sum(float(m.logits[row, c]) for m in MEMBERS) / 3 for c in range(3)] for row in range(12)]
    np.testing.assert_allclose(got.logits, slow, rtol=1e-6, atol=1e-7)
    assert (got.ids, got.classes) == (MEMBERS[0].ids, MEMBERS[0].classes)
    np.testing.assert_array_equal(got.target, MEMBERS[0].target)
    np.testing.assert_array_equal(got.fold, MEMBERS[0].fold)


def test_the_probabilities_of_the_mean_are_the_mean_of_the_probabilities() -> None:
    got = softmax(mean_of(MEMBERS, of="probabilities").logits)
    np.testing.assert_allclose(got, sum(softmax(m.logits) for m in MEMBERS) / 3, atol=1e-6)


def test_log_probabilities_say_what_logits_say_but_each_row_on_one_scale() -> None:
    by_logits, by_logs = mean_of(MEMBERS, of="logits"), mean_of(MEMBERS, of="log-probabilities")
    np.testing.assert_allclose(softmax(by_logs.logits), softmax(by_logits.logits), atol=1e-6)
    shifted = [replace(m, logits=m.logits + np.float32(100 * place)) for place, m in enumerate(MEMBERS)]
    np.testing.assert_allclose(mean_of(shifted, of="log-probabilities").logits, by_logs.logits, atol=1e-4)


def test_the_sure_and_wrong_do_not_decide_a_mean_of_probabilities() -> None:
    rows = np.array([[0.0, 2.0], [0.0, 2.0], [30.0, 0.0]], np.float32)
    members = [Predictions(("s",), row[None], np.array([1]), np.array([0]), ("a", "b")) for row in rows]
    assert mean_of(members, of="logits").logits.argmax() == 0
    assert mean_of(members, of="probabilities").logits.argmax() == 1


def test_probabilities_that_underflow_leave_logits_finite() -> None:
    sure = Predictions(("s",), np.array([[0.0, -5000.0]], np.float32), np.array([0]), np.array([0]), ("a", "b"))
    got = mean_of([sure, sure], of="probabilities").logits
    np.testing.assert_allclose(got, [[0.0, -5000.0]])


@pytest.mark.parametrize("of", MEANS)
def test_one_member_or_copies_of_it_say_what_it_says(of: str) -> None:
    for members in ([MEMBERS[0]], [MEMBERS[0]] * 4):
        np.testing.assert_allclose(softmax(mean_of(members, of=of).logits), softmax(MEMBERS[0].logits), atol=1e-6)


@pytest.mark.parametrize("of", MEANS)
def test_members_are_aligned_by_id(of: str) -> None:
    mixed = MEMBERS[1].take(np.random.default_rng(0).permutation(12))
    wanted = mean_of(MEMBERS, of=of)
    np.testing.assert_array_equal(mean_of([MEMBERS[0], mixed, MEMBERS[2]], of=of).logits, wanted.logits)


def test_a_target_that_one_member_knows_is_kept() -> None:
    unknown = replace(MEMBERS[0], target=np.full(12, -1))
    np.testing.assert_array_equal(mean_of([unknown, MEMBERS[1]], of="logits").target, MEMBERS[1].target)


def test_members_that_do_not_belong_together_are_refused_and_named() -> None:
    first, second = MEMBERS[:2]
    with pytest.raises(AlignmentError, match="the second lacks s11 and has none besides"):
        mean_of([first, second.take(np.arange(11))], of="logits")
    with pytest.raises(AlignmentError, match="a, b, c against a, c, b"):
        mean_of([first, replace(second, classes=("a", "c", "b"))], of="logits")
    with pytest.raises(AlignmentError, match="different folds for s3"):
        mean_of([first, replace(second, fold=second.fold + 2 * (np.arange(12) == 3))], of="logits")
    with pytest.raises(InputError, match="no members"):
        mean_of([], of="logits")


def test_only_the_named_means_are_there() -> None:
    with pytest.raises(ConfigError, match="of='median'; wanted one of logits, probabilities, log-probabilities"):
        unwrap(mean_of)(MEMBERS, of="median")  # as in a program without checks of types
