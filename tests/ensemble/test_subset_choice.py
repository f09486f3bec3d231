from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from heterophony.ensemble import Linear
from heterophony.ensemble.subset_choice import Exhaustive, TwoPhases
from heterophony.errors import ConfigError
from heterophony.metrics import evaluate_folds
from heterophony.predictions import Predictions
from heterophony.taxonomy import Taxonomy

pytest.importorskip("numba")
Make = Callable[..., Predictions]


def worth(chosen: tuple[int, ...], members: list[Predictions], tree: Taxonomy, of: str, score: str) -> float:
    weights = np.bincount(chosen, minlength=len(members)) / len(chosen)
    table = Linear(weights=weights, of=of).combine(members)
    return float(np.mean([fold[score] for fold in evaluate_folds(table, tree).values()]))


@pytest.mark.parametrize(("of", "score"), [("log-probabilities", "hierarchical_f1"), ("hard", "accuracy")])
def test_no_subset_is_better_than_the_exhaustive_one(of: str, score: str, member: Make, tree: Taxonomy) -> None:
    members = [member(seed, noise=2.0) for seed in range(5)]
    every = [one for size in (2, 3) for one in combinations(range(5), size)]
    wanted = max(every, key=lambda one: worth(one, members, tree, of, score))
    got = Exhaustive(of=of, score=score, sizes=(2, 3)).fit(members, tree)
    np.testing.assert_allclose(got.weights, np.bincount(wanted, minlength=5) / len(wanted))


def test_two_phases_are_those_of_the_report(member: Make, tree: Taxonomy) -> None:
    members = [member(seed, noise=2.0) for seed in range(6)]
    every = [one for size in (2, 3) for one in combinations(range(6), size)]
    first = sorted(every, key=lambda one: -worth(one, members, tree, "logits", "accuracy"))[:4]
    best = max(first, key=lambda one: worth(one, members, tree, "logits", "hierarchical_f1"))
    while len(best) < 5:
        larger = [(*best, other) for other in range(6) if other not in best]
        top = max(larger, key=lambda one: worth(one, members, tree, "logits", "hierarchical_f1"))
        if worth(top, members, tree, "logits", "hierarchical_f1") <= worth(
            best, members, tree, "logits", "hierarchical_f1"
        ):
            break
        best = top
    got = TwoPhases(sizes=(2, 3), keep=4, most=5).fit(members, tree)
    np.testing.assert_allclose(got.weights, np.bincount(best, minlength=6) / len(best))


def test_subsets_are_no_larger_than_the_pool_and_progress_is_told(member: Make, tree: Taxonomy) -> None:
    told: list[tuple[int, int]] = []
    Exhaustive(report=lambda done, every: told.append((done, every))).fit([member(1), member(2)], tree)
    assert told[-1] == (1, 1)


def test_what_was_found_of_a_fold_is_not_sought_again(member: Make, tree: Taxonomy, tmp_path: Path) -> None:
    members = [member(seed, noise=2.0) for seed in range(4)]
    method = Exhaustive(sizes=(2, 3), folder=tmp_path)
    everything = method.fit(members, tree)
    assert len(method.found) == len(list(tmp_path.iterdir())) == 3  # folds
    rows = np.flatnonzero(members[0].fold != 1)
    method.fit([one.take(rows) for one in members], tree)
    assert len(method.found) == 3
    told: list[tuple[int, int]] = []
    again = Exhaustive(sizes=(2, 3), folder=tmp_path, report=lambda *now: told.append(now))
    np.testing.assert_array_equal(again.fit(members, tree).weights, everything.weights)


def test_only_what_the_search_keeps_can_be_sought() -> None:
    with pytest.raises(ConfigError, match="score='macro_f1'; wanted one of hierarchical_f1, accuracy"):
        Exhaustive(score="macro_f1")
