from collections import Counter
from collections.abc import Callable
from inspect import unwrap

import numpy as np
import pytest

from heterophony.ensemble import Vote
from heterophony.errors import ConfigError
from heterophony.predictions import Predictions, softmax
from heterophony.taxonomy import Taxonomy

Make = Callable[..., Predictions]


def slow_vote(members: list[Predictions], of: str) -> list[int]:
    """Row after row, as one would by hand."""
    said = []
    for row in range(len(members[0])):
        votes: Counter[int] = Counter()
        scores: Counter[int] = Counter()
        odds: Counter[int] = Counter()
        for one in members:
            top = int(one.logits[row].argmax())
            score = min(0.99995, float(softmax(one.logits[row : row + 1])[0, top]))
            votes[top] += 1
            scores[top] += score
            odds[top] += np.log(score) - np.log((1 - score) / 3)
        ranks = {
            "hard": [(votes[c], round(scores[c], 9), -c) for c in range(4)],
            "score": [(round(scores[c], 9), -c) for c in range(4)],
            "log-odds": [(round(odds[c], 9), -c) for c in range(4)],
        }[of]
        said.append(ranks.index(max(ranks)))
    return said


@pytest.mark.parametrize("of", ["hard", "score", "log-odds"])
@pytest.mark.parametrize("count", [2, 3, 6])
def test_votes_are_counted_as_by_hand(of: str, count: int, member: Make, tree: Taxonomy) -> None:
    members = [member(seed, noise=3.0) for seed in range(count)]
    got = Vote(of=of).fit(members, tree).combine(members)
    assert got.logits.argmax(axis=1).tolist() == slow_vote(members, of)


def test_a_tie_of_votes_goes_to_the_surer_whoever_comes_first(tree: Taxonomy) -> None:
    def says(place: int, score: float) -> Predictions:
        logits = np.full((1, 4), np.log((1 - score) / 3))
        logits[0, place] = np.log(score)
        return Predictions(("s",), logits.astype(np.float32), np.array([0]), np.array([0]), tree.classes)

    for members in ([says(3, 0.6), says(1, 0.5)], [says(1, 0.5), says(3, 0.6)]):
        assert Vote().fit(members, tree).combine(members).logits.argmax() == 3
    for members in ([says(3, 0.5), says(1, 0.5)], [says(1, 0.5), says(3, 0.5)]):
        assert Vote().fit(members, tree).combine(members).logits.argmax() == 1


def test_nothing_is_chosen_and_all_weigh_alike(member: Make, tree: Taxonomy) -> None:
    assert not Vote().chooses
    np.testing.assert_allclose(Vote().fit([member(1), member(2)], tree).weights, [0.5, 0.5])


def test_other_votes_are_refused() -> None:
    with pytest.raises(ConfigError, match="of='loud'; wanted one of hard, score, log-odds"):
        unwrap(Vote.__init__)(object.__new__(Vote), of="loud")
