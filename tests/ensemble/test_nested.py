from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from heterophony.ensemble import (
    Greedy,
    Linear,
    Member,
    Pool,
    average,
    in_sample,
    mean_of,
    nested,
    on_validation,
    pool_of,
    random_scores,
)
from heterophony.ensemble.temperature import by_other_folds
from heterophony.errors import ConfigError, InputError
from heterophony.predictions import Predictions, fit_temperature
from heterophony.taxonomy import Taxonomy

Make = Callable[..., Predictions]


@dataclass
class Spy:
    """A method that remembers what it was fitted on, and takes the first member."""

    chooses: bool = True
    of: str = "logits"
    seen: list[tuple[str, ...]] = field(default_factory=list)
    logits: list[np.ndarray] = field(default_factory=list)

    def fit(self, members: Sequence[Predictions], taxonomy: Taxonomy) -> Linear:
        self.seen.append(members[0].ids)
        self.logits.append(members[0].logits)
        return Linear(weights=np.array([1.0] + [0.0] * (len(members) - 1)), of="logits")


@pytest.fixture
def pool(member: Make, tree: Taxonomy) -> Pool:
    def held(table: Predictions) -> dict[int, Predictions]:
        return {fold: table.take(np.flatnonzero(table.fold != fold)[:40]) for fold in range(3)}

    tables = [member(seed, noise=2.0) for seed in range(4)]
    return pool_of([Member(name=f"m{n}", test=one, validation=held(one)) for n, one in enumerate(tables)], tree)


def test_each_way_fits_on_the_rows_it_says(pool: Pool) -> None:
    ids = np.array(pool.tests[0].ids)
    fold = pool.tests[0].fold
    spy = Spy()
    in_sample(pool, spy)
    assert spy.seen == [tuple(ids)]
    spy = Spy()
    got = nested(pool, spy)
    assert spy.seen == [tuple(ids[fold != k]) for k in range(3)]
    assert sorted(got.predictions.ids) == sorted(ids)
    spy = Spy()
    on_validation(pool, spy)
    assert spy.seen == [tuple(ids[fold != k][:40]) for k in range(3)]


def test_no_scored_label_reaches_a_nested_choice(pool: Pool) -> None:
    """Wrong labels in one fold change nothing of what is said there, and something elsewhere."""
    bare = [replace(one, validation={}) for one in pool.members]
    wrong = np.where(pool.tests[0].fold == 1, (pool.tests[0].target + 1) % 4, pool.tests[0].target)
    spoilt = [replace(one, test=replace(one.test, target=wrong)) for one in bare]
    right, other = (nested(replace(pool, members=some), Greedy()) for some in (bare, spoilt))
    own = right.predictions.fold == 1
    np.testing.assert_array_equal(right.predictions.logits[own], other.predictions.logits[own])
    assert (right.predictions.logits[~own] != other.predictions.logits[~own]).any()


def test_temperatures_are_fitted_on_the_rows_of_the_choice(pool: Pool) -> None:
    bare, spy = replace(pool, members=[replace(one, validation={}) for one in pool.members]), Spy()
    got = nested(bare, spy)
    table = bare.tests[0]
    others = table.fold != 2
    wanted = fit_temperature(table.logits[others], table.target[others])
    np.testing.assert_allclose(got.by_fold[2].temperatures[0], wanted)
    np.testing.assert_allclose(spy.logits[2], table.logits[others] / wanted, rtol=1e-6)
    own = got.predictions.fold == 2
    np.testing.assert_allclose(got.predictions.logits[own], table.logits[table.fold == 2] / wanted, rtol=1e-6)
    np.testing.assert_array_equal(nested(bare, Spy(), calibrated=False).by_fold[2].temperatures, np.ones(4))


def test_of_noise_the_in_sample_choice_looks_better_than_it_is(tree: Taxonomy) -> None:
    """Members that guess: chosen and scored on one set they look good, chosen elsewhere they are what they are."""
    generator = np.random.default_rng(0)
    target, fold = np.arange(300) % 4, np.arange(300) % 3
    ids = tuple(f"s{row}" for row in range(300))
    tables = [
        Predictions(ids, generator.normal(size=(300, 4)).astype(np.float32), target, fold, tree.classes)
        for _ in range(20)
    ]
    guessing = pool_of([Member(name=f"m{n}", test=one) for n, one in enumerate(tables)], tree)
    method = Greedy(score="accuracy")
    seen, honest = in_sample(guessing, method).predictions, nested(guessing, method).predictions

    def accuracy(table: Predictions) -> float:
        return float((table.logits.argmax(axis=1) == table.target).mean())

    assert accuracy(seen) > 0.32
    assert abs(accuracy(honest) - 0.25) < 0.06


def test_the_average_is_the_mean_of_all_without_a_choice(pool: Pool) -> None:
    got = average(pool, "log-probabilities").predictions
    np.testing.assert_allclose(got.logits, mean_of(pool.tests, of="log-probabilities").logits, atol=1e-6)


def test_the_average_has_temperatures_of_other_folds_where_there_is_no_validation(pool: Pool) -> None:
    bare = replace(pool, members=[replace(one, validation={}) for one in pool.members])
    got, tables = average(bare, "logits").predictions, by_other_folds(bare)
    wanted = mean_of(tables, of="logits").take(np.argsort(tables[0].fold, kind="stable"))
    np.testing.assert_allclose(got.logits, wanted.logits, atol=1e-6)
    assert got.ids == wanted.ids


def test_one_fold_has_no_other_and_members_without_validation_are_named(pool: Pool, tree: Taxonomy) -> None:
    one = pool_of([Member(name=m.name, test=replace(m.test, fold=np.zeros(90, int))) for m in pool.members], tree)
    with pytest.raises(InputError, match="one fold only, no other to choose on"):
        nested(one, Greedy())
    with pytest.raises(InputError, match="no validation predictions of fold 0: m0, m1, m2, m3"):
        on_validation(one, Greedy())


def test_random_subsets_of_everything_are_the_mean_of_all(pool: Pool, tree: Taxonomy) -> None:
    def scores(size: int, seed: int = 0, count: int = 20) -> np.ndarray:
        return random_scores(pool.tests, tree, "log-probabilities", "accuracy", size=size, count=count, seed=seed)

    everything = mean_of(pool.tests, of="log-probabilities")
    wanted = np.mean(
        [(everything.logits.argmax(1) == everything.target)[everything.fold == k].mean() for k in range(3)]
    )
    np.testing.assert_allclose(scores(4), np.full(20, wanted))
    np.testing.assert_array_equal(scores(2), scores(2))
    assert len(np.unique(scores(1, count=50))) == 4
    with pytest.raises(ConfigError, match="20 of size 5; wanted one or more, of 1 to 4 members"):
        scores(5)


def test_every_fit_is_reported(pool: Pool) -> None:
    done: list[int] = []
    nested(pool, Spy(), on_fit=lambda: done.append(1))
    assert len(done) == 3
