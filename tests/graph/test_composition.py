"""Neighbours counted by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from heterophony.errors import AlignmentError
from heterophony.graph.composition import composition, without_same_group

EDGES = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)]
TARGET = np.array([0, 0, 1, 1, -1, 0])
GROUPS = ["a", "a", "b", "a", None, None]
TRAINING = np.array([True, False, True, False, False, True])


def graph() -> csr_array:
    both = EDGES + [(second, first) for first, second in EDGES]
    rows, columns = np.array(both).T
    return csr_array((np.full(len(both), 0.5, np.float32), (rows, columns)), shape=(6, 6))


def test_a_worked_example() -> None:
    got = composition(graph(), TARGET, GROUPS, TRAINING)
    assert got.neighbours == pytest.approx(10 / 6)
    # node 0: 1 of 2; 1: 1 of 2; 2: 1 of 2; 3: 1 of 2 (node 4 is unknown); 4 and 5 do not count
    assert got.homophily == pytest.approx(0.5)
    assert got.expected == pytest.approx((3 / 5) ** 2 + (2 / 5) ** 2)
    # 0: 1 of 2; 1: 2 of 2; 2: 0 of 2; 3: 1 of 3
    assert got.same_group == pytest.approx((1 / 2 + 1 + 0 + 1 / 3) / 4)
    # 0: node 2 of {1, 2}; 1: node 0 of {0, 3}; 2: node 0 of {0, 3}; 3: node 2 of three; 4: none
    assert got.training == pytest.approx((1 / 2 + 1 / 2 + 1 / 2 + 1 / 3 + 0) / 5)


def test_of_some_rows_and_of_rows_without_neighbours() -> None:
    assert composition(graph(), TARGET, GROUPS, TRAINING, np.array([1])).same_group == 1
    alone = composition(graph(), TARGET, GROUPS, TRAINING, np.array([5]))
    assert alone.neighbours == 0
    assert np.isnan([alone.homophily, alone.same_group, alone.training]).all()
    with pytest.raises(AlignmentError, match="6 nodes, 6 targets, 5 groups"):
        composition(graph(), TARGET, GROUPS[:5], TRAINING)


def test_edges_inside_a_group_go_and_all_others_stay() -> None:
    kept = without_same_group(graph(), GROUPS)
    assert {tuple(sorted(edge)) for edge in zip(*kept.nonzero(), strict=True)} == {(0, 2), (2, 3), (3, 4)}
    assert kept[0, 2] == 0.5
    assert abs(without_same_group(graph(), [None] * 6) - graph()).sum() == 0
