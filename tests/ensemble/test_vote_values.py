from inspect import unwrap
from itertools import combinations

import numpy as np
import pytest

from heterophony.ensemble.vote_values import VOTES, vote_values
from heterophony.errors import ConfigError, InputError

TOP = np.array([[0, 1], [2, 1], [0, 3]])
SCORE = np.array([[0.5, 1.0], [0.9, 0.25], [0.3, 0.7]])


def test_log_odds_are_the_difference_to_the_other_classes() -> None:
    got = vote_values(TOP, SCORE, 4, vote="log-odds")
    assert got[0, 0, 0] == pytest.approx(np.log(0.5) - np.log(0.5 / 3))
    assert got[0, 1, 1] == pytest.approx(np.log(0.99995) - np.log(0.00005 / 3), rel=1e-6)
    assert (np.count_nonzero(got, axis=2) <= 1).all()


def test_scores_are_whole_steps() -> None:
    got = vote_values(TOP, SCORE, 4, vote="score")
    assert got.max(axis=2).tolist() == [[50_000, 99_995], [90_000, 25_000], [30_000, 70_000]]


@pytest.mark.parametrize("vote", ["hard", "score"])
def test_a_tie_is_a_tie_in_whatever_order(vote: str) -> None:
    # 0.3 + 0.4 and 0.2 + 0.5 differ in binary fractions.
    got = vote_values(np.array([[1], [1], [0], [0]]), np.array([[0.3], [0.4], [0.2], [0.5]]), 2, vote=vote)
    assert got.sum(axis=0)[0, 0] == got.sum(axis=0)[0, 1]


def test_hard_votes_count_heads_and_then_scores() -> None:
    rng = np.random.default_rng(5)
    top, score = rng.integers(0, 4, (7, 50)), np.round(rng.uniform(0.25, 1, (7, 50)), 4)
    got, sure = vote_values(top, score, 4, vote="hard"), np.minimum(score, 0.99995)
    for size in range(1, 8):
        for chosen in list(combinations(range(7), size))[:10]:
            said = got[list(chosen)].sum(axis=0).argmax(axis=1)
            for row in range(50):
                heads = [sum(top[m, row] == c for m in chosen) for c in range(4)]
                sums = [round(sum(sure[m, row] for m in chosen if top[m, row] == c), 6) for c in range(4)]
                assert said[row] == max(range(4), key=lambda c: (heads[c], sums[c], -c))


def test_what_is_no_vote_is_refused() -> None:
    assert VOTES == ("hard", "score", "log-odds")
    with pytest.raises(ConfigError, match="wanted one of hard, score, log-odds"):
        unwrap(vote_values)(TOP, SCORE, 4, vote="soft")  # as in a program without checks of types
    with pytest.raises(InputError, match=r"classes 0\.\.3; wanted 0\.\.2"):
        vote_values(TOP, SCORE, 3, vote="hard")
    with pytest.raises(InputError, match="score outside"):
        vote_values(TOP, SCORE * 2, 4, vote="hard")
    with pytest.raises(InputError, match="score outside"):
        vote_values(TOP, SCORE * np.nan, 4, vote="hard")
