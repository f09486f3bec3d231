from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from heterophony.ensemble import Member, Pool, pool_of
from heterophony.ensemble.pool import together
from heterophony.errors import AlignmentError, InputError
from heterophony.predictions import Predictions
from heterophony.taxonomy import BST, Taxonomy

Make = Callable[..., Predictions]


def test_members_are_put_in_the_order_of_the_first(member: Make, tree: Taxonomy) -> None:
    mixed = member(2).take(np.random.default_rng(0).permutation(90))
    pool = pool_of([Member(name="one", test=member(1)), Member(name="two", test=mixed)], tree)
    np.testing.assert_array_equal(pool.tests[1].logits, member(2).logits)
    assert pool.names == ("one", "two")
    assert pool.folds == [0, 1, 2]
    assert pool.in_folds([2])[1].ids == tuple(f"s{row}" for row in range(2, 90, 3))


def test_a_target_that_one_knows_is_that_of_all(member: Make) -> None:
    first, second, third = member(1), member(2), member(3)
    tables = together([replace(first, target=np.full(90, -1)), replace(second, target=np.full(90, -1)), third])
    for table in tables:
        np.testing.assert_array_equal(table.target, third.target)
    disputed = replace(third, target=(third.target + (np.arange(90) == 7)) % 4)
    with pytest.raises(AlignmentError, match="one and three: predictions with different targets for s7"):
        together([replace(first, target=np.full(90, -1)), second, disputed], ["one", "two", "three"])


def test_members_that_do_not_belong_together_are_named(member: Make, tree: Taxonomy) -> None:
    first = Member(name="one", test=member(1))

    def refused(test: Predictions, match: str) -> None:
        with pytest.raises(AlignmentError, match=match):
            pool_of([first, Member(name="two", test=test)], tree)

    refused(member(2).take(np.arange(88)), "one and two: predictions of different samples: the second lacks s88, s89")
    refused(replace(member(2), fold=np.zeros(90, int)), "one and two: predictions with different folds for s1, s2")
    refused(replace(member(2), classes=("a", "b", "d", "c")), "two: not over the classes of 'small'")
    with pytest.raises(AlignmentError, match="one: not over the classes of 'bst'"):
        pool_of([first, Member(name="two", test=member(2))], BST)
    with pytest.raises(InputError, match="1 member; give two runs or tables, or more"):
        pool_of([first], tree)
    with pytest.raises(InputError, match="members of one name: one; give each once"):
        pool_of([first, first], tree)


def test_validation_is_aligned_and_the_rows_that_all_have_count(member: Make, tree: Taxonomy) -> None:
    held = {fold: member(1).take(np.arange(fold, 30)) for fold in range(3)}
    other = {fold: member(2).take(np.arange(5, 30)[::-1].copy()) for fold in range(3)}
    one, two = Member(name="one", test=member(1), validation=held), Member(name="two", test=member(2), validation=other)
    pool = pool_of([one, two], tree)
    assert pool.without_validation == []
    first, second = pool.validation(1)
    assert first.ids == second.ids == tuple(f"s{row}" for row in range(5, 30))
    np.testing.assert_array_equal(second.logits, member(2).logits[5:30])
    assert pool.validation_left_out == 5 + 4 + 3
    assert pool_of([one, replace(one, name="again")], tree).validation_left_out == 0


def test_validation_rows_that_do_not_belong_together_are_refused(member: Make, tree: Taxonomy) -> None:
    def pool(table: Predictions) -> Pool:
        held = (dict.fromkeys(range(3), member(1).take(np.arange(30))), dict.fromkeys(range(3), table))
        return pool_of([Member(name=f"m{n}", test=member(n), validation=one) for n, one in enumerate(held)], tree)

    with pytest.raises(AlignmentError, match="fold 2: no validation row that all of m0, m1 have"):
        pool(member(2).take(np.arange(30, 60))).validation(2)
    wrong = replace(member(2), target=(member(2).target + (np.arange(90) == 7)) % 4).take(np.arange(30))
    with pytest.raises(AlignmentError, match=r"m0 \(validation of fold 0\) and m1 .*different targets for s7"):
        pool(wrong).validation(0)


def test_members_without_validation_are_named(member: Make, tree: Taxonomy) -> None:
    held = {fold: member(1).take(np.arange(30)) for fold in range(2)}
    pool = pool_of([Member(name="one", test=member(1)), Member(name="two", test=member(2), validation=held)], tree)
    assert pool.without_validation == ["one", "two"]
    with pytest.raises(InputError, match="no validation predictions of fold 1: one"):
        pool.validation(1)
