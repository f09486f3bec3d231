from itertools import combinations

import numpy as np
import pytest

from heterophony.ensemble.member_values import MemberValues
from heterophony.ensemble.two_phase import TwoPhase, two_phase
from heterophony.errors import ConfigError
from heterophony.metrics import DRAWABLE
from heterophony.taxonomy import Taxonomy

TREE = Taxonomy("tree", ("a-x", "a-y", "b-x", "b-y", "c"), ("a", "b", "c"), (0, 0, 1, 1, 2))


def given(seed: int, members: int = 8, rows: int = 60) -> MemberValues:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 5, rows)
    values = rng.normal(size=(members, rows, 5)) + 1.2 * np.eye(5)[target]
    return MemberValues(values.astype(np.float32), target, rng.integers(0, 3, rows), TREE)


def restated(data: MemberValues, first: str, keep: int, most: int) -> tuple[list[tuple[int, ...]], list[float]]:
    """The report's procedure in its own words: members and score of the best after each step."""

    def f1(members: tuple[int, ...]) -> float:
        return float(data.score(sorted(members)).mean())

    every = [one for size in range(2, 6) for one in combinations(range(len(data)), size)]
    every.sort(key=lambda one: -float(data.score(one, first).mean()))
    kept = sorted(every[:keep], key=lambda one: -f1(one))
    now, chain = kept[0], [kept[0]]
    while len(now) < min(most, len(data)):
        larger = [(*now, other) for other in range(len(data)) if other not in now]
        top = max(larger, key=f1)
        if f1(top) <= f1(now):
            break
        now = top
        chain.append(tuple(sorted(now)))
    return chain, [f1(one) for one in chain]


def found(result: TwoPhase) -> tuple[list[tuple[int, ...]], list[float]]:
    chain = [result.kept[0], *result.grown]
    return [one.members for one in chain], [one.mean for one in chain]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("keep", [1, 5, 50])
def test_it_is_the_procedure_of_the_report(seed: int, keep: int) -> None:
    data = given(seed)
    got = two_phase(data, keep=keep, most=7)
    assert found(got) == restated(data, "accuracy", keep, 7)
    assert len(got.kept) == keep
    assert got.best is (got.grown[-1] if got.grown else got.kept[0])


@pytest.mark.parametrize("first", DRAWABLE)
def test_any_score_may_come_first(first: str) -> None:
    data = given(11, members=6)
    got = two_phase(data, first=first, keep=4)
    assert found(got) == restated(data, first, 4, 7)
    for one in got.kept:
        assert one.first == pytest.approx(float(data.score(one.members, first).mean()), rel=1e-14)


def test_it_grows_to_the_size_that_is_asked_for_and_no_further() -> None:
    grown = [two_phase(given(seed), sizes=(2, 2), keep=1, most=4) for seed in range(6)]
    assert max(len(one.best.members) for one in grown) == 4
    for one in grown:
        steps = [one.kept[0], *one.grown]
        assert all(later.mean > earlier.mean for earlier, later in zip(steps, one.grown, strict=False))
        assert [len(step.members) for step in steps] == list(range(2, 2 + len(steps)))


def test_it_stops_where_all_members_are_in() -> None:
    assert len(two_phase(given(1, members=2), sizes=(2, 2), most=7).best.members) == 2


def test_progress_and_impossible_options() -> None:
    told: list[tuple[int, int]] = []
    two_phase(given(0, members=4), sizes=(2, 4), report=lambda *now: told.append(now))
    assert told == [(7, 11), (10, 11), (11, 11)]
    with pytest.raises(ConfigError, match="keep=0"):
        two_phase(given(0), keep=0)
    with pytest.raises(ConfigError, match="wanted scores of accuracy"):
        two_phase(given(0), first="log_loss")
