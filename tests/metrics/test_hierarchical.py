import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heterophony.errors import InputError
from heterophony.metrics import confusion_matrix, evaluate_confusion, per_class
from heterophony.metrics.hierarchical import hierarchical_f1, hierarchical_precision
from heterophony.taxonomy import BST, Taxonomy, from_pairs

TREE = from_pairs("t", ["a", "b", "c", "d", "e"], ["x", "x", "y", "y", "y"])


def counted(pairs: str) -> np.ndarray:
    """The confusion matrix of "m-sp>m-si m-m>m-m …"."""
    truth, said = zip(*(pair.split(">") for pair in pairs.split()), strict=True)
    return confusion_matrix(np.array([*map(BST.index, truth)]), np.array([*map(BST.index, said)]), BST.n_classes)


def percent(scores: dict[str, float], names: str) -> list[float]:
    return [100 * scores[name] for name in names.split()]


FLAT = "accuracy top_accuracy macro_accuracy macro_top_accuracy hierarchical_accuracy"
PRF = "hierarchical_precision hierarchical_recall hierarchical_f1"


def test_the_first_worked_example() -> None:
    scores = evaluate_confusion(counted("m-sp>m-sp m-sp>m-si m-si>m-si fx-a>ss-n fx-a>fx-a ss-n>fx-a"), BST)
    assert percent(scores, FLAT) == pytest.approx([50, 200 / 3, 50, 62.5, 56.25])
    assert percent(scores, PRF) == pytest.approx([54.6875, 54.6875, 53.2407], abs=5e-5)
    assert scores["classes_never_predicted"] == 0
    assert scores["samples"] == 6


def test_the_second_worked_example_where_a_class_is_never_predicted() -> None:
    counts = counted("m-sp>m-sp m-sp>m-si m-si>m-si fx-a>fx-a ss-n>ss-n ss-i>ss-n")
    skip, zero = (evaluate_confusion(counts, BST, rule) for rule in ("skip", "zero"))
    assert percent(skip, FLAT) == percent(zero, FLAT) == pytest.approx([200 / 3, 100, 70, 100, 85])
    assert percent(skip, PRF) == pytest.approx([84.375, 92.1875, 86.1111], abs=5e-5)
    assert percent(zero, PRF) == pytest.approx([67.5, 81.25, 68.8889], abs=5e-5)
    assert skip["classes_never_predicted"] == zero["classes_never_predicted"] == 1
    np.testing.assert_array_equal(np.flatnonzero(per_class(counts, BST).never_predicted), [BST.index("ss-i")])


def slow_f1(counts: np.ndarray, tree: Taxonomy) -> float:
    """Mean hF over the classes that occur, by the overlap of {top, class} sets, pair by pair."""

    def overlap(truth: int, said: int) -> float:
        if truth == said:
            return 1.0
        return 0.75 * 1 / 2 if tree.top_of[truth] == tree.top_of[said] else 0.0

    values = []
    for label in range(tree.n_classes):
        size, called = counts[label].sum(), counts[:, label].sum()
        if not size:
            continue
        precision = sum(overlap(g, label) * counts[g, label] for g in range(tree.n_classes)) / called if called else 0
        recall = sum(overlap(label, p) * counts[label, p] for p in range(tree.n_classes)) / size
        values.append(2 * precision * recall / (precision + recall) if precision + recall else 0)
    return float(np.mean(values))


matrices = st.lists(st.integers(0, 5), min_size=25, max_size=25).filter(any).map(lambda n: np.array(n).reshape(5, 5))


@given(matrices)
def test_f1_is_the_definition_read_pair_by_pair(counts: np.ndarray) -> None:
    assert hierarchical_f1(counts, TREE) == pytest.approx(slow_f1(counts, TREE))


@given(matrices)
def test_the_two_identities_hold(counts: np.ndarray) -> None:
    scores = evaluate_confusion(counts, TREE)
    macro, macro_top = scores["macro_accuracy"], scores["macro_top_accuracy"]
    assert scores["hierarchical_accuracy"] == pytest.approx((macro + macro_top) / 2)
    assert scores["hierarchical_recall"] == pytest.approx(0.625 * macro + 0.375 * macro_top)


@given(matrices)
def test_the_rules_differ_only_where_a_class_is_never_predicted_and_zero_is_never_higher(counts: np.ndarray) -> None:
    zero = evaluate_confusion(counts, TREE)
    if zero["classes_never_predicted"]:
        kept = ~per_class(counts, TREE).never_predicted
        if np.nansum(counts[kept]) == 0:
            return
        assert zero["hierarchical_precision"] <= evaluate_confusion(counts, TREE, "skip")["hierarchical_precision"]
    else:
        assert evaluate_confusion(counts, TREE, "skip") == zero


def test_in_a_tree_of_one_level_f1_is_the_macro_f1() -> None:
    flat = from_pairs("flat", ["a", "b", "c"])
    scores = evaluate_confusion(np.array([[3, 1, 0], [2, 2, 2], [0, 0, 4]]), flat)
    assert scores["hierarchical_f1"] == pytest.approx(scores["macro_f1"])


def test_classes_that_do_not_occur_have_no_score() -> None:
    scores = per_class(np.diag([1, 0, 2, 0, 0]), TREE)
    np.testing.assert_array_equal(scores.f1, [1, np.nan, 1, np.nan, np.nan])


def test_skip_refuses_when_no_class_is_left() -> None:
    counts = np.zeros((5, 5), int)
    counts[0, 1] = 1
    with pytest.raises(InputError, match="no class is left"):
        hierarchical_precision(counts, TREE, "skip")
