import numpy as np

from heterophony.ensemble.disputed import LANES, fold_rows
from heterophony.ensemble.member_values import MemberValues
from heterophony.taxonomy import Taxonomy

TREE = Taxonomy("tree", ("a", "b", "c", "d"), ("x", "y"), (0, 0, 1, 1))


def votes(said: list[list[int]]) -> np.ndarray:
    """One vote of 1 per member and row, `said[member][row]`."""
    return np.eye(4, dtype=np.float32)[np.array(said)]


def test_rows_stand_by_how_many_classes_may_win_them() -> None:
    # Row 0: all say 2. Row 1: {0, 3}. Row 2: {0, 1, 3}. Row 3: {1, 2}.
    data = MemberValues(
        votes([[2, 3, 0, 1], [2, 0, 3, 2], [2, 3, 1, 1]]), np.array([2, 0, 3, 1]), np.zeros(4, dtype=np.int64), TREE
    )
    rows = fold_rows(data)[0]
    assert rows.rows == 4
    assert rows.truth.tolist() == [1, 1, 1, 1]
    assert rows.base.shape == (4, LANES)
    assert np.argwhere(rows.base).tolist() == [[2, 2]]
    assert rows.counts.tolist() == [3, 3, 1]
    # The lowest class of rows 2, 1, 3; then the second of each; then the third of row 2.
    assert [divmod(int(cell), LANES) for cell in rows.cells] == [(3, 0), (0, 0), (1, 1), (3, 1), (0, 3), (1, 2), (3, 3)]
    assert rows.values.tolist() == [[1, 0, 1, 0, 1, 0, 0], [0, 1, 0, 0, 0, 1, 1], [0, 0, 1, 1, 1, 0, 0]]


def test_a_fold_in_which_all_is_decided_has_no_entries() -> None:
    data = MemberValues(votes([[0, 1], [0, 1]]), np.array([0, 2]), np.array([4, 4]), TREE)
    rows = fold_rows(data)[4]
    assert rows.counts.tolist() == [0]
    assert rows.values.shape == (2, 0)
    assert rows.base.sum() == 2
