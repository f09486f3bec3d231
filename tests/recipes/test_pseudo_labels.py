"""Soft labels: the formula, who is drawn, and who has a label of his own."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from heterophony.errors import ConfigError
from heterophony.predictions import softmax
from heterophony.recipes.inputs import borrow, stacked, table
from heterophony.recipes.load import as_recipe
from heterophony.recipes.pseudo_labels import drawn, part_unlabelled, pool_of, probabilities, soft_labelled
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.recipes.trained import Trained
from heterophony.taxonomy import from_pairs

SAID = np.array([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]], dtype=np.float32)
Made = Callable[..., Samples]


def recipe(**pseudo: object) -> Recipe:
    return as_recipe(
        {
            "name": "r",
            "modalities": {"sound": {"encoder": "yamnet"}, "words": {"encoder": "minilm"}},
            "extra": {"crowd": {}, "other": {}},
            "pseudo": pseudo or None,
        }
    )


def test_lambda_0_leaves_the_own_label_and_1_the_teachers_word(made: Made) -> None:
    pool = made([2, 0], ["sw", "sw"])
    own, taught, half = (soft_labelled(pool, SAID, weight).soft for weight in (0.0, 1.0, 0.5))
    np.testing.assert_array_equal(own, np.eye(3, dtype=np.float32)[[2, 0]])
    np.testing.assert_array_equal(taught, SAID)
    np.testing.assert_allclose(half, [[0.05, 0.35, 0.6], [0.65, 0.15, 0.2]], rtol=1e-6)


def test_the_table_that_a_network_reads_has_the_soft_labels(made: Made) -> None:
    own = made([1, 2], ["sw", "sw"])
    both = stacked(own, soft_labelled(made([2, 0], ["sw", "sw"]), SAID, 1.0))
    target = table(both, {}, 3).target.numpy()
    np.testing.assert_array_equal(target[:2], np.eye(3)[[1, 2]])
    np.testing.assert_array_equal(target[2:], SAID)


def test_without_an_own_label_the_teacher_must_say_all(made: Made) -> None:
    pool = made([2, 0], ["sw", "sw"])
    pool = replace(pool, target=np.array([2, -1]))
    np.testing.assert_array_equal(soft_labelled(pool, SAID, 1.0).soft, SAID)
    with pytest.raises(ConfigError, match=r"weight_of_teacher is 0.8, but 1 of 2 rows have no label .* r1 for one"):
        soft_labelled(pool, SAID, 0.8)


@pytest.mark.parametrize(("share", "count"), [(0.4, 4), (0.25, 2), (1.0, 10), (0.01, 1)])
def test_a_share_of_the_rows_is_drawn_without_repeating_any(made: Made, share: float, count: int) -> None:
    ids = drawn(made([0] * 10, ["sw"] * 10), share, 3).ids
    assert len(set(ids)) == len(ids) == count
    assert list(ids) == sorted(ids, key=lambda key: int(key[1:]))


def test_the_draw_is_that_of_the_seed(made: Made) -> None:
    pool = made([0] * 40, ["sw"] * 40)
    assert drawn(pool, 0.5, 1).ids == drawn(pool, 0.5, 1).ids
    assert drawn(pool, 0.5, 1).ids != drawn(pool, 0.5, 2).ids


def test_unlabelled_rows_are_parted_off_only_where_the_recipe_takes_them(made: Made) -> None:
    samples = replace(made([0, 1, 0], ["sw"] * 3), target=np.array([0, -1, 1]))
    own, bare = part_unlabelled(recipe(of=["unlabelled"]), samples)
    assert own.ids == ("r0", "r2")
    assert bare is not None
    assert (bare.ids, bare.sources) == (("r1",), ("unlabelled",))
    for other in (recipe(), recipe(of=["crowd"])):
        assert part_unlabelled(other, samples) == (samples, None)
    assert part_unlabelled(recipe(of=["unlabelled"]), own)[1] is None


def test_the_pool_is_what_the_recipe_names(made: Made) -> None:
    extra = replace(made([0, 1, 0], ["sw"] * 3), sources=("crowd", "other", "unlabelled"))
    pool = pool_of(recipe(of=["crowd", "unlabelled"]), extra)
    assert pool is not None
    assert pool.ids == ("r0", "r2")
    assert pool_of(recipe(), extra) is None
    for nothing in (None, extra.take(np.array([1]))):
        with pytest.raises(ConfigError, match="no row of crowd is there to be labelled"):
            pool_of(recipe(of=["crowd"]), nothing)


def test_a_recipe_asks_for_what_can_be() -> None:
    with pytest.raises(ValueError, match=r"pseudo.of: crowds is not among crowd, other, unlabelled"):
        recipe(of=["crowds"])
    with pytest.raises(ValueError, match=r"weight_of_teacher is 0.5, but rows without label have nothing else"):
        recipe(of=["unlabelled"], weight_of_teacher=0.5)


def test_the_mean_is_over_the_probabilities_of_the_members(trained: Trained, corpus_samples: Samples) -> None:
    rows = corpus_samples.take(np.arange(6))
    two = replace(trained, members=[trained.members[0], trained.members[0]])
    wanted = softmax(trained.say(trained.table(rows)).logits)
    np.testing.assert_allclose(probabilities(two, rows), wanted, rtol=1e-5)
    np.testing.assert_allclose(probabilities(trained, rows).sum(axis=1), 1, rtol=1e-5)


def test_rows_with_soft_labels_neither_borrow_nor_lend(made: Made) -> None:
    own, pool = made([0, 1, 0], ["sw", "s", "sw"]), made([1, 1], ["sw", "s"])
    tree = from_pairs("t", ["a", "b"], ["a", "b"])
    both = stacked(own, soft_labelled(pool, np.full((2, 2), 0.5, dtype=np.float32), 1.0))
    assert len(borrow(own, {}, {}, tree, 1, 0)[0]) == 0, "nobody of the class has words"
    assert len(borrow(both, {}, {}, tree, 1, 0)[0]) == 0, "the soft-labelled row lent its words"
