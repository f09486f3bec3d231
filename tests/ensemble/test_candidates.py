from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from heterophony.ensemble.candidates import can_win

SHAPES = st.tuples(st.integers(2, 6), st.integers(1, 4), st.integers(1, 6))
LEVELS = st.sampled_from([0.0, 1.0, 2.0, 0.5, -1.0, 0.1, 0.3, 1e-7, 1 + 2.0**-20])
FLOATS = st.floats(-30, 30, width=32)


def winners(values: np.ndarray) -> np.ndarray:
    """Every class that the float32 sum of some subset says, by trying them all."""
    found = np.zeros(values.shape[1:], dtype=bool)
    for size in range(1, len(values) + 1):
        for chosen in combinations(range(len(values)), size):
            total = values[chosen[0]].copy()
            for member in chosen[1:]:
                total += values[member]
            found[np.arange(values.shape[1]), total.argmax(axis=1)] = True
    return found


@given(arrays.arrays(np.float32, SHAPES, elements=LEVELS) | arrays.arrays(np.float32, SHAPES, elements=FLOATS))
def test_no_class_that_wins_some_sum_is_left_out(values: np.ndarray) -> None:
    assert not (winners(values) & ~can_win(values)).any()


def test_of_votes_the_classes_that_some_member_says_are_left() -> None:
    rng = np.random.default_rng(3)
    said = rng.integers(0, 6, size=(5, 40))
    votes = np.zeros((5, 40, 6), dtype=np.float32)
    np.put_along_axis(votes, said[:, :, None], rng.uniform(0.2, 1, size=(5, 40, 1)).astype(np.float32), axis=2)
    np.testing.assert_array_equal(can_win(votes), (votes > 0).any(axis=0))


def test_a_class_that_is_top_in_all_members_is_alone() -> None:
    logits = np.random.default_rng(4).normal(size=(7, 30, 9)).astype(np.float32)
    logits[:, :, 4] += 20
    left = can_win(logits)
    assert left[:, 4].all()
    assert left.sum() == 30


def test_a_class_can_be_covered_by_several_that_take_turns() -> None:
    # c = 2 is below class 0 in member 0 and below class 1 in member 1, level elsewhere: never the highest.
    values = np.array([[[5, 1, 1]], [[1, 5, 1]]], dtype=np.float32)
    assert can_win(values).tolist() == [[True, True, False]]


def test_a_level_class_of_higher_index_cannot_win_one_of_lower_index_can() -> None:
    level = np.array([[[1, 1, 0]], [[1, 1, 0]]], dtype=np.float32)
    assert can_win(level).tolist() == [[True, False, False]]


def test_a_lead_that_rounding_may_swallow_keeps_the_class() -> None:
    small = np.float32(1e-7)
    values = np.array([[[0, small]], [[8, 8]]], dtype=np.float32)
    assert winners(values).tolist() == [[True, True]]
    assert can_win(values).tolist() == [[True, True]]
