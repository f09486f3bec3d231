import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.taxonomy import Taxonomy, from_pairs


def test_pairs_become_a_sorted_tree_with_each_class_under_its_top() -> None:
    tree = from_pairs("farm", ["dog", "rain", "cow", "dog"], ["animals", "weather", "animals", "animals"])
    assert tree.classes == ("cow", "dog", "rain")
    assert tree.tops == ("animals", "weather")
    assert tree.top_of == (0, 0, 1)
    assert tree.levels == 2
    assert tree.top("rain") == "weather"


def test_probabilities_times_membership_are_those_of_the_tops() -> None:
    tree = from_pairs("farm", ["cow", "dog", "rain"], ["animals", "animals", "weather"])
    np.testing.assert_allclose(np.array([0.2, 0.3, 0.5], np.float32) @ tree.membership, [0.5, 0.5])


def test_without_tops_every_class_is_its_own_top() -> None:
    tree = from_pairs("flat", ["b", "a"])
    assert tree.tops == tree.classes == ("a", "b")
    assert tree.levels == 1
    np.testing.assert_array_equal(tree.membership, np.eye(2))
    assert tree.readable("a") == "a"


def test_underscores_are_blanks_in_readable_names_only() -> None:
    tree = from_pairs("t", ["church_bells"], ["city_sounds"])
    assert tree.classes == ("church_bells",)
    assert tree.readable("church_bells") == "city sounds / church bells"


def test_a_class_under_two_tops_is_refused_and_both_are_named() -> None:
    with pytest.raises(InputError, match="'dog' stands under both 'animals' and 'weather'"):
        from_pairs("farm", ["dog", "dog"], ["animals", "weather"])


@pytest.mark.parametrize(
    ("labels", "tops", "message"),
    [(["a"], ["x", "y"], "1 labels but 2 top levels"), ([""], ["x"], "empty name"), ([], None, "no classes")],
)
def test_columns_that_make_no_tree_are_refused(labels: list[str], tops: list[str] | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        from_pairs("t", labels, tops)


def test_an_unknown_label_is_answered_with_the_nearest_one() -> None:
    tree = from_pairs("farm", ["chicken", "cow"])
    with pytest.raises(InputError, match="no class 'chiken': did you mean 'chicken'"):
        tree.index("chiken")
    with pytest.raises(InputError, match="it has chicken, cow"):
        tree.index("zzzz")


@pytest.mark.parametrize(
    ("classes", "tops", "top_of", "message"),
    [
        (("a", "a"), ("x",), (0, 0), "class named more than once: a"),
        (("a", "b"), ("x", "x"), (0, 1), "top level named more than once: x"),
        (("a", "b"), ("x",), (0,), "2 classes but 1 entries"),
        (("a", "b"), ("x",), (0, 1), "every index 0..0"),
        (("a", "b"), ("x", "y"), (0, 0), "every index 0..1"),
    ],
)
def test_impossible_trees_are_refused(
    classes: tuple[str, ...], tops: tuple[str, ...], top_of: tuple[int, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Taxonomy("t", classes, tops, top_of)
