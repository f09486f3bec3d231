from dataclasses import replace
from inspect import unwrap

import numpy as np
import pytest

from heterophony.ensemble.summed import SUMMED, logits_of, values_of, winners
from heterophony.ensemble.vote_values import MOST_SURE
from heterophony.errors import ConfigError
from heterophony.predictions import Predictions, softmax

ROW = Predictions(("s",), np.log([[0.5, 0.3, 0.2]]).astype(np.float32), np.array([0]), np.array([0]), ("a", "b", "c"))


@pytest.mark.parametrize(
    ("of", "wanted"),
    [
        ("logits", np.log([0.5, 0.3, 0.2])),
        ("probabilities", [0.5, 0.3, 0.2]),
        ("log-probabilities", np.log([0.5, 0.3, 0.2])),
        ("score", [0.5, 0, 0]),
        ("log-odds", [np.log(0.5) - np.log(0.25), 0, 0]),
        ("hard", [(2**20 + 50_000) / (2**20 + 100_000), 0, 0]),
    ],
)
def test_what_a_member_brings_to_the_sum(of: str, wanted: list[float]) -> None:
    np.testing.assert_allclose(values_of(ROW, of), [wanted], atol=1e-7)


def test_the_mean_of_logits_of_a_class_and_its_score_is_the_log_odds_vote() -> None:
    """The logits of an imported table differ from log-odds by one constant per row."""
    scores, tops = np.array([0.9, 0.35, 0.6]), [0, 2, 2]
    logits = np.log((1 - scores) / 3)[:, None] * np.ones(4)
    logits[np.arange(3), tops] = np.log(scores)
    members = [
        Predictions(("s",), row[None].astype(np.float32), np.array([0]), np.array([0]), tuple("abcd")) for row in logits
    ]
    by_logits = sum(values_of(one, "logits") for one in members)
    by_odds = sum(values_of(one, "log-odds") for one in members)
    np.testing.assert_allclose(by_odds - by_logits, np.full((1, 4), (by_odds - by_logits)[0, 0]), atol=1e-5)


def test_scores_of_one_are_no_infinite_vote() -> None:
    sure = replace(ROW, logits=np.array([[900.0, 0.0, 0.0]], np.float32))
    np.testing.assert_allclose(values_of(sure, "log-odds"), [[np.log(MOST_SURE) - np.log((1 - MOST_SURE) / 2), 0, 0]])


def test_equal_votes_are_decided_by_the_scores_then_by_the_index() -> None:
    votes = (
        np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 2.0, 0.0]])
        + np.array([[0.3, 0.31, 0], [0.1 + 0.2, 0.3, 0.0], [0.9, 0.1, 0.0]]) / 4096
    )
    assert winners(votes, "hard").tolist() == [1, 0, 1]


def test_logits_of_votes_are_finite_and_hold_shares() -> None:
    shares = np.array([[0.5, 0.2, 0.0]])
    np.testing.assert_allclose(softmax(logits_of(shares, "score")), [[0.6, 0.3, 0.1]], atol=1e-6)
    hard = logits_of(np.array([[MOST_SURE, 0.0, 0.0]]), "hard")
    np.testing.assert_allclose(softmax(hard), [[1, 0, 0]], atol=1e-4)


@pytest.mark.parametrize("of", ["logits", "hard"])
def test_rounding_to_32_bits_keeps_the_winner(of: str) -> None:
    close = np.array([[0.25, 0.25 + 1e-9, 0.1]])
    assert logits_of(close, of).argmax() == 1
    assert logits_of(close[:, ::-1].copy(), of).argmax() == 1


def test_only_the_named_sums_are_there() -> None:
    assert len(SUMMED) == 6
    with pytest.raises(ConfigError, match="of='median': nothing that can be added up; wanted one of logits, prob"):
        unwrap(values_of)(ROW, "median")
