import numpy as np
import pytest

from heterophony.clips import Clip
from heterophony.errors import InputError
from heterophony.recipes.samples import refuse_unlabelled, samples_of
from heterophony.store import Embedded
from heterophony.taxonomy import from_pairs

TREE = from_pairs("t", ["cat", "dog"], None)


def embedded(key: str, label: str | None = None, **vectors: list[float]) -> Embedded:
    clip = Clip(id=key, label=label, group=f"g-{key}")
    arrays = {name: np.array(x, dtype=np.float32) for name, x in vectors.items()}
    return Embedded(clip, "ok", "", arrays, f"words of {key}", "", 1.0)


def test_rows_keep_their_order_and_absent_modalities_are_zero() -> None:
    both = [
        embedded("a", "dog", words=[1, 2]),
        embedded("b", "cat", sound=[3], words=[4, 5]),
        embedded("c", None, sound=[6]),
    ]
    samples = samples_of(both, {"sound": 1, "words": 2}, TREE)
    assert samples.ids == ("a", "b", "c")
    assert samples.groups == ("g-a", "g-b", "g-c")
    np.testing.assert_array_equal(samples.target, [1, 0, -1])
    np.testing.assert_array_equal(samples.vectors["sound"], [[0], [3], [6]])
    np.testing.assert_array_equal(samples.vectors["words"], [[1, 2], [4, 5], [0, 0]])
    np.testing.assert_array_equal(samples.present["sound"], [False, True, True])
    np.testing.assert_array_equal(samples.present["words"], [True, True, False])


def test_taking_rows_takes_all_that_belongs_to_them() -> None:
    samples = samples_of([embedded(key, "cat", sound=[row]) for row, key in enumerate("abc")], {"sound": 1}, TREE)
    taken = samples.take(np.array([2, 0]))
    assert (taken.ids, taken.texts, taken.groups) == (("c", "a"), ("words of c", "words of a"), ("g-c", "g-a"))
    np.testing.assert_array_equal(taken.vectors["sound"], [[2], [0]])


def test_without_a_tree_no_label_is_known() -> None:
    assert samples_of([embedded("a", "dog", sound=[1])], {"sound": 1}, None).target.tolist() == [-1]


def test_a_label_that_the_tree_does_not_have_is_refused() -> None:
    with pytest.raises(InputError, match=r"dgo.*dog"):
        samples_of([embedded("a", "dgo", sound=[1])], {"sound": 1}, TREE)


def test_rows_without_a_label_are_named() -> None:
    samples = samples_of([embedded("a", "dog", sound=[1]), embedded("b", None, sound=[1])], {"sound": 1}, TREE)
    with pytest.raises(InputError, match="1 of 2 clips have no label: b"):
        refuse_unlabelled(samples)
    refuse_unlabelled(samples.take(np.array([0])))
