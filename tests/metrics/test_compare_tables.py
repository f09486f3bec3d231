from dataclasses import replace

import numpy as np
import pytest

from heterophony.metrics import Interval, paired_difference, randomisation_test
from heterophony.metrics.compare_tables import Gap, changed_answers, differences
from heterophony.predictions import Imported, Predictions
from heterophony.taxonomy import from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])


def guesses(seed: int, *, grouped: bool = True, rows: int = 90) -> Imported:
    rng = np.random.default_rng(seed)
    logits = np.eye(3, dtype=np.float32)[rng.integers(3, size=rows)]
    ids = tuple(f"s{row:03d}" for row in range(rows))
    table = Predictions(ids, logits, np.arange(rows) % 3, np.arange(rows) % 7 % 3, TREE.classes)
    groups = tuple(f"u{row % 11}" for row in range(rows)) if grouped else (None,) * rows
    return Imported(table, "top", groups)


def test_it_is_the_bootstrap_and_the_randomisation_by_row_and_by_group() -> None:
    ours, first = guesses(1), guesses(2)
    found, note = differences(ours, first, TREE, scores=["accuracy", "macro_f1"], draws=50, seed=3)
    assert (list(found), note) == (["accuracy", "macro_f1"], "")
    tables = (ours.predictions, first.predictions, TREE)
    for name, one in found.items():
        for tested, groups in ((one.by_row, None), (one.by_group, first.groups)):
            assert tested is not None
            options = {"score": name, "groups": groups, "draws": 50, "seed": 3}
            assert tested.interval == paired_difference(*tables, **options)
            assert tested.p == randomisation_test(*tables, **options)


def test_without_groups_there_is_none_and_with_a_single_one_the_reason() -> None:
    found, note = differences(guesses(1, grouped=False), guesses(2, grouped=False), TREE, draws=20)
    assert (found["hierarchical_f1"].by_group, note) == (None, "")
    ours, first = guesses(1), guesses(2)
    found, note = differences(replace(ours, groups=("u",) * 90), replace(first, groups=("u",) * 90), TREE, draws=20)
    assert found["hierarchical_f1"].by_group is None
    assert "fold 0 has a single row or group" in note


def test_interval_and_p_must_both_say_so() -> None:
    def tested(low: float, p: float) -> bool:
        return Gap(Interval(0.02, low, 0.04, 100, 0.01), p).told_from_luck

    assert tested(0.001, 0.04)
    assert not tested(0.001, 0.06)
    assert not tested(-0.001, 0.04)


def test_answers_that_changed_are_counted() -> None:
    target, mine, theirs = np.array([0, 1, 2, 0, -1]), np.array([0, 1, 0, 1, 0]), np.array([0, 2, 1, 0, 1])

    def table(said: np.ndarray) -> Predictions:
        return Predictions(tuple("vwxyz"), np.eye(3, dtype=np.float32)[said], target, np.zeros(5, int), TREE.classes)

    assert changed_answers(table(mine), table(theirs)) == (3, 1, 1)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_table_does_not_differ_from_itself(seed: int) -> None:
    found, _ = differences(guesses(seed), guesses(seed), TREE, draws=20)
    assert found["hierarchical_f1"].by_row == Gap(Interval(0.0, 0.0, 0.0, 20, 0.0), 1.0)
    assert changed_answers(guesses(seed).predictions, guesses(seed).predictions) == (0, 0, 0)
