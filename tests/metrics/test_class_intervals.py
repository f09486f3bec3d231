"""Intervals of the classes against a slow restatement, and where the answer is known."""

import numpy as np
import pytest

from heterophony.errors import AlignmentError, ConfigError, InputError
from heterophony.metrics import confusion_matrix, per_class
from heterophony.metrics.class_intervals import class_intervals
from heterophony.predictions import Predictions
from heterophony.taxonomy import BST, from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])


def table(target: list[int], said: list[int], fold: list[int]) -> Predictions:
    logits = np.eye(3, dtype=np.float32)[said]
    return Predictions(tuple(map(str, range(len(said)))), logits, np.array(target), np.array(fold), TREE.classes)


def test_who_is_always_right_stays_right_whatever_is_drawn() -> None:
    found = class_intervals(table([0, 1, 2] * 4, [0, 1, 2] * 4, [0] * 6 + [1] * 6), TREE, draws=50)
    assert [(one.value, one.low, one.high) for one in found if one is not None] == [(1.0, 1.0, 1.0)] * 3


@pytest.mark.parametrize("grouped", [False, True])
def test_the_ends_are_those_of_a_loop_over_the_draws(grouped: bool) -> None:
    generator = np.random.default_rng(3)
    target, said = generator.integers(0, 3, (2, 30)).tolist()
    fold = [row % 2 for row in range(30)]
    groups = [f"g{row // 4}" for row in range(30)] if grouped else None
    rows_of = {k: [row for row in range(30) if fold[row] == k] for k in (0, 1)}
    draws: dict[int, list[list[int]]] = {}
    for k, rows in rows_of.items():
        units: dict[str, list[int]] = {}
        for row in rows:
            units.setdefault(groups[row] if groups else str(row), []).append(row)
        names, own = list(units), np.random.default_rng([5, k])
        picks = [own.integers(len(names), size=len(names)) for _ in range(40)]
        draws[k] = [[row for place in pick for row in units[names[place]]] for pick in picks]
    f1 = []
    for number in range(40):
        rows = draws[0][number] + draws[1][number]
        counts = confusion_matrix(np.array(target)[rows], np.array(said)[rows], 3)
        f1.append(per_class(counts, TREE).f1)
    found = class_intervals(table(target, said, fold), TREE, groups=groups, draws=40, seed=5, level=0.9)
    for label, one in enumerate(found):
        values = np.array(f1)[:, label]
        low, high = np.nanquantile(values, (0.05, 0.95))
        assert one is not None
        np.testing.assert_allclose((one.low, one.high), (low, high), rtol=1e-12)


def test_a_class_that_does_not_occur_has_none_and_rows_without_target_do_not_count() -> None:
    first, second, third = class_intervals(table([0, 0, 1, -1], [0, 1, 1, 2], [0] * 4), TREE, draws=20)
    assert first is not None
    assert second is not None
    assert third is None


def test_what_cannot_be_drawn_is_refused() -> None:
    some = table([0, 1], [0, 1], [0, 0])
    with pytest.raises(AlignmentError, match="not over the classes of 'bst'"):
        class_intervals(some, BST)
    with pytest.raises(ConfigError, match="1 groups for 2 rows"):
        class_intervals(some, TREE, groups=["a"])
    with pytest.raises(ConfigError, match="draws=1"):
        class_intervals(some, TREE, draws=1)
    with pytest.raises(InputError, match="no labelled sample"):
        class_intervals(table([-1], [0], [0]), TREE)
