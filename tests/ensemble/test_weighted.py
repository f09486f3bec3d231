from collections.abc import Callable
from dataclasses import replace
from inspect import unwrap

import numpy as np
import pytest

from heterophony.ensemble import Linear, Weighted
from heterophony.ensemble.weighted import GAP
from heterophony.errors import ConfigError, InputError
from heterophony.metrics import log_loss
from heterophony.predictions import Predictions, softmax
from heterophony.taxonomy import Taxonomy

Make = Callable[..., Predictions]


def loss(weights: list[float], of: str, members: list[Predictions]) -> float:
    table = Linear(weights=np.array(weights), of=of).combine(members)
    return log_loss(softmax(table.logits), table.target)


@pytest.mark.parametrize("of", ["probabilities", "log-probabilities", "logits"])
def test_no_weights_of_a_grid_are_better(of: str, member: Make, tree: Taxonomy) -> None:
    members = [member(1, noise=1.0), member(2, noise=1.6), member(3, noise=2.5, scale=0.5)]
    got = Weighted(of=of).fit(members, tree).weights
    grid = [[a / 20, b / 20, (20 - a - b) / 20] for a in range(21) for b in range(21 - a)]
    assert loss(got.tolist(), of, members) <= min(loss(one, of, members) for one in grid) + GAP


def test_two_members_that_know_one_half_each_weigh_alike(tree: Taxonomy) -> None:
    """Each gives 0.7 to the truth of its own half and 0.1 to that of the other: -log(0.1 + 0.6 w) is symmetric."""
    target = np.array([0, 1] * 10)
    tables = []
    for half in (0, 1):
        rows = [np.roll([0.7, 0.1, 0.1, 0.1] if t == half else [0.1, 0.5, 0.2, 0.2], t) for t in target]
        tables.append(np.log(rows).astype(np.float32))
    ids = tuple(f"s{row}" for row in range(20))
    members = [Predictions(ids, one, target, np.zeros(20, int), tree.classes) for one in tables]
    np.testing.assert_allclose(Weighted(of="probabilities").fit(members, tree).weights, [0.5, 0.5], atol=1e-3)


def test_a_member_that_knows_nothing_gets_nothing_of_probabilities(member: Make, tree: Taxonomy) -> None:
    idle = replace(member(2), logits=np.zeros((90, 4), np.float32))
    good = replace(member(1), logits=(3 * np.eye(4)[member(1).target]).astype(np.float32))
    weights = Weighted(of="probabilities").fit([idle, good], tree).weights
    assert weights[1] > 0.999


def test_copies_share_what_one_would_get(member: Make, tree: Taxonomy) -> None:
    members = [member(1), member(2, noise=2.0)]
    two, three = (Weighted().fit(some, tree).weights for some in (members, [*members, members[1]]))
    np.testing.assert_allclose(three[0], two[0], atol=0.02)
    np.testing.assert_allclose(three[1], three[2], atol=1e-9)


def test_votes_and_rows_without_labels_are_refused(member: Make, tree: Taxonomy) -> None:
    with pytest.raises(ConfigError, match="of='hard'; votes have no log-loss: wanted one of logits"):
        unwrap(Weighted.__init__)(object.__new__(Weighted), of="hard")
    with pytest.raises(InputError, match="no labelled row to fit to"):
        Weighted().fit([replace(member(1), target=np.full(90, -1))], tree)
