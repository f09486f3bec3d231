from collections.abc import Callable

import numpy as np

from heterophony.ensemble import Member, pool_of
from heterophony.ensemble.temperature import by_other_folds, by_rows, by_validation, needs_rows, scaled
from heterophony.predictions import Predictions, fit_temperature
from heterophony.taxonomy import Taxonomy

Make = Callable[..., Predictions]


def held(table: Predictions) -> dict[int, Predictions]:
    return {fold: table.take(np.flatnonzero(table.fold != fold)[:40]) for fold in range(3)}


def test_validation_of_the_fold_decides_the_scale_of_its_test_rows(member: Make, tree: Taxonomy) -> None:
    one, two = member(1), member(2, scale=4.0)
    pool = pool_of(
        [
            Member(name="one", test=one, validation=held(one)),
            Member(name="two", test=two, validation=held(two)),
            Member(name="three", test=member(3, scale=9.0)),
        ],
        tree,
    )
    ready, found = by_validation(pool)
    for fold in range(3):
        wanted = fit_temperature(held(two)[fold].logits, held(two)[fold].target)
        np.testing.assert_allclose(found[fold][1], wanted)
        rows = two.fold == fold
        np.testing.assert_allclose(ready.tests[1].logits[rows], two.logits[rows] / wanted, rtol=1e-6)
        np.testing.assert_allclose(ready.members[1].validation[fold].logits, held(two)[fold].logits / wanted, rtol=1e-6)
    assert found[0][2] == 1
    np.testing.assert_array_equal(ready.tests[2].logits, member(3, scale=9.0).logits)
    assert needs_rows(pool) == [False, False, True]


def test_a_member_four_times_as_loud_ends_up_as_loud_as_itself(member: Make, tree: Taxonomy) -> None:
    quiet, loud = member(1), member(1, scale=4.0)
    got = by_rows([quiet, loud], [True, True])
    np.testing.assert_allclose(got[1] / got[0], 4, rtol=1e-4)
    np.testing.assert_array_equal(by_rows([quiet, loud], [False, False]), [1, 1])


def test_without_validation_the_other_folds_decide_never_the_scored_rows(member: Make, tree: Taxonomy) -> None:
    table = member(1)
    pool = pool_of([Member(name="one", test=table), Member(name="two", test=member(2), said="top-score")], tree)
    first, second = by_other_folds(pool)
    np.testing.assert_array_equal(second.logits, member(2).logits)
    for fold in range(3):
        others, own = table.fold != fold, table.fold == fold
        wanted = fit_temperature(table.logits[others], table.target[others])
        np.testing.assert_allclose(first.logits[own], table.logits[own] / wanted, rtol=1e-6)


def test_scaling_leaves_the_classes(member: Make) -> None:
    np.testing.assert_array_equal(scaled(member(1), 7.0).logits.argmax(axis=1), member(1).logits.argmax(axis=1))
    assert scaled(member(1), 1.0).ids == member(1).ids
