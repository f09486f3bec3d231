from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from heterophony.ensemble import Greedy, Linear
from heterophony.errors import ConfigError
from heterophony.metrics import evaluate_folds
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy

Make = Callable[..., Predictions]


def slow_greedy(members: list[Predictions], tree: Taxonomy, score: str, steps: int, start: int) -> list[int]:
    """The members of the best ensemble on the way, one table at a time."""

    def worth(chosen: list[int]) -> float:
        counts = np.bincount(chosen, minlength=len(members))
        table = Linear(weights=counts / counts.sum(), of="probabilities").combine(members)
        return float(np.mean([fold[score] for fold in evaluate_folds(table, tree).values()]))

    order = sorted(range(len(members)), key=lambda place: -worth([place]))
    begun = [order[: size + 1] for size in range(min(start, steps))]
    chosen = max(begun, key=worth)
    way = [chosen]
    while len(chosen) < steps:
        chosen = max(([*chosen, place] for place in range(len(members))), key=worth)
        way.append(chosen)
    return max(way, key=worth)


@pytest.mark.parametrize("score", ["hierarchical_f1", "accuracy", "macro_f1"])
@pytest.mark.parametrize("start", [1, 3])
def test_it_finds_what_a_slow_search_finds(score: str, start: int, member: Make, tree: Taxonomy) -> None:
    members = [member(seed, noise=1.2 + 0.2 * seed) for seed in range(6)]
    wanted = np.bincount(slow_greedy(members, tree, score, 6, start), minlength=6)
    got = Greedy(of="probabilities", score=score, steps=6, start=start).fit(members, tree).weights
    np.testing.assert_allclose(got, wanted / wanted.sum())


def test_log_loss_can_be_sought_too(member: Make, tree: Taxonomy) -> None:
    members = [member(0), member(1), member(2, noise=6.0)]
    chosen = Greedy(score="log_loss").fit(members, tree)
    assert chosen.weights[2] < 0.2
    loss = {
        key: np.mean([fold["log_loss"] for fold in evaluate_folds(one.combine(members), tree).values()])
        for key, one in {"chosen": chosen, "all": Linear(weights=np.full(3, 1 / 3), of="log-probabilities")}.items()
    }
    assert loss["chosen"] < loss["all"]


def test_a_perfect_member_is_all_there_is(member: Make, tree: Taxonomy) -> None:
    perfect = replace(member(0), logits=(9 * np.eye(4)[member(0).target]).astype(np.float32))
    np.testing.assert_array_equal(Greedy().fit([member(1), perfect, member(2)], tree).weights, [0, 1, 0])


def test_the_start_is_no_longer_than_the_steps(member: Make, tree: Taxonomy) -> None:
    got = Greedy(steps=1, start=5).fit([member(1, noise=9.0), member(2, noise=0.5)], tree)
    np.testing.assert_array_equal(got.weights, [0, 1])


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match="steps=0, start=5; wanted one or more of each"):
        Greedy(steps=0)
