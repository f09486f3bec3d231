"""Tables for networks, and rows that borrow what they lack."""

from collections.abc import Callable

import numpy as np
import pytest

from heterophony.recipes.inputs import borrow, joined, keep_only, table
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import LinearPriorSpec, TfidfPriorSpec
from heterophony.taxonomy import Taxonomy, from_pairs

TREE = from_pairs("t", ["a1", "a2", "b1"], ["a", "a", "b"])
SPECS = {"ear": LinearPriorSpec(kind="linear", of="sound"), "text": TfidfPriorSpec(kind="tfidf")}


def said_of(samples: Samples) -> dict[str, np.ndarray]:
    """What priors say: the row's number, so that one sees whose word it is."""
    row = np.arange(len(samples), dtype=np.float32)[:, None] * np.ones((1, 3), np.float32)
    return {"ear": row * samples.present["sound"][:, None], "text": 100 + row * samples.present["words"][:, None]}


def borrowed(samples: Samples, copies: int = 1, seed: int = 0, tree: Taxonomy = TREE) -> tuple[Samples, dict]:
    new, said = borrow(samples, said_of(samples), SPECS, tree, copies, seed)
    return new, dict(said)


def lender(samples: Samples, modality: str) -> list[int]:
    """The row that each made row has this modality from: the first coordinate tells it."""
    return [abs(int(value)) - 1 for value in samples.vectors[modality][:, 0]]


def test_a_table_has_one_hot_targets_and_none_where_the_label_is_unknown(made: Callable[..., Samples]) -> None:
    samples = made([2, -1], ["s", "sw"])
    batch = table(samples, said_of(samples), 3)
    assert batch.target.tolist() == [[0, 0, 1], [0, 0, 0]]
    assert batch.present.tolist() == [[True, False], [True, True]]
    assert batch.modalities == ("sound", "words")
    assert batch.weight.tolist() == [1, 1]
    assert batch.priors["ear"].tolist() == [[0, 0, 0], [1, 1, 1]]


def test_keeping_only_a_modality_hides_the_others_and_shows_none(made: Callable[..., Samples]) -> None:
    samples = made([0, 1, 2], ["s", "w", "sw"])
    batch = table(samples, said_of(samples), 3)
    assert keep_only(batch, ("words",)).present.tolist() == [[False, False], [False, True], [False, True]]
    assert keep_only(batch, ("sound", "words")).present.tolist() == batch.present.tolist()
    assert batch.present.tolist() == [[True, False], [False, True], [True, True]]


def test_a_row_keeps_what_it_has_and_borrows_the_rest_within_its_class(made: Callable[..., Samples]) -> None:
    samples = made([0, 0, 0, 1, 1, 2, 2], ["s", "w", "w", "s", "w", "s", "w"])
    new, _ = borrowed(samples, copies=8)
    assert len(new) == 8 * 7
    own = np.repeat(np.arange(7), 8)
    for row, sound, words in zip(own, lender(new, "sound"), lender(new, "words"), strict=True):
        assert samples.present["sound"][sound]
        assert samples.present["words"][words]
        assert samples.target[sound] == samples.target[words] == samples.target[row]
        assert row in (sound, words)
    np.testing.assert_array_equal(new.target, samples.target[own])
    assert set(lender(new, "words")[:8]) == {1, 2}  # the draw finds every lender


def test_words_and_the_words_of_priors_travel_with_their_modality(made: Callable[..., Samples]) -> None:
    samples = made([0, 0, 1, 1], ["s", "w", "s", "w"])
    new, said = borrowed(samples, copies=3)
    assert list(new.texts) == [samples.texts[row] for row in lender(new, "words")]
    np.testing.assert_array_equal(said["ear"][:, 0], lender(new, "sound"))
    np.testing.assert_array_equal(said["text"][:, 0], 100 + np.array(lender(new, "words")))


def test_made_rows_lack_nothing_and_keep_their_group(made: Callable[..., Samples]) -> None:
    samples = made([0, 0, 0], ["s", "w", "sw"], ["x", "y", "z"])
    new, _ = borrowed(samples, copies=2)
    assert all(there.all() for there in new.present.values())
    assert new.groups == ("x", "x", "y", "y")


def test_a_class_without_the_modality_borrows_from_its_siblings(made: Callable[..., Samples]) -> None:
    samples = made([0, 1, 2], ["s", "w", "w"])
    new, _ = borrowed(samples, copies=1)
    assert list(zip(lender(new, "sound"), lender(new, "words"), strict=True)) == [(0, 1), (0, 1)]
    assert new.target.tolist() == [0, 1]  # the third stands alone under its top: left out


def test_where_every_row_has_everything_nothing_is_made(made: Callable[..., Samples]) -> None:
    new, said = borrowed(made([0, 1, 2], ["sw", "sw", "sw"]), copies=5)
    assert len(new) == 0
    assert all(len(x) == 0 for x in said.values())


def test_where_nobody_can_lend_nothing_is_made(made: Callable[..., Samples]) -> None:
    assert len(borrowed(made([0, 1, 2], ["s", "s", "s"]), copies=2)[0]) == 0


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_draws_the_same_rows(made: Callable[..., Samples], seed: int) -> None:
    samples = made([0] * 40, ["s", "w"] * 20)
    first, again, other = (borrowed(samples, seed=one)[0].ids for one in (seed, seed, seed + 7))
    assert first == again != other


def test_joined_rows_are_those_of_both_in_order(made: Callable[..., Samples]) -> None:
    one, two = made([0, 1], ["s", "w"]), made([2], ["sw"])
    rows, said = joined((one, said_of(one)), (two, said_of(two)))
    assert rows.ids == ("r0", "r1", "r0")
    assert rows.target.tolist() == [0, 1, 2]
    assert said["ear"][:, 0].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(rows.vectors["words"], np.concatenate([one.vectors["words"], two.vectors["words"]]))
