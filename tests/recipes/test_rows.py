"""Which rows take part in training, and how much each counts."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from heterophony.errors import ConfigError
from heterophony.recipes.load import as_recipe
from heterophony.recipes.rows import one_segment_each, row_weights, sure_enough
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe

NAN = float("nan")


def recipe(**says: object) -> Recipe:
    return as_recipe({"name": "x", "modalities": {"sound": {"encoder": "yamnet"}}, **says})


@pytest.fixture
def six(made: Callable[..., Samples]) -> Samples:
    """Two rows of the collection, two of it of unknown confidence, two of another data set, one with confidence."""
    samples = made([0] * 6, ["s"] * 6)
    confidence = np.array([5, 2, NAN, NAN, NAN, 1], dtype=np.float32)
    return replace(samples, confidence=confidence, sources=("", "", "", "", "more", "more"))


def test_rows_that_are_not_sure_enough_are_left_out_and_unknown_ones_stay(six: Samples) -> None:
    assert sure_enough(recipe(), six) is six
    assert sure_enough(recipe(rows={"min_confidence": 2}), six).ids == ("r0", "r1", "r2", "r3", "r4")
    assert sure_enough(recipe(rows={"min_confidence": 3}), six).ids == ("r0", "r2", "r3", "r4")


def test_without_any_weighting_every_row_counts_once(six: Samples) -> None:
    np.testing.assert_array_equal(row_weights(recipe(), six), np.ones(6, np.float32))


def test_a_confidence_replaces_the_weight_of_the_source(six: Samples) -> None:
    weighted = recipe(extra={"more": {"weight": 0.3}}, weighting={"confidence": "linear"})
    np.testing.assert_allclose(row_weights(weighted, six), [1, 0.4, 1, 1, 0.3, 0.2], rtol=1e-6)
    by_source = recipe(extra={"more": {"weight": 0.3}})
    np.testing.assert_allclose(row_weights(by_source, six), [1, 1, 1, 1, 0.3, 0.3], rtol=1e-6)


@pytest.mark.parametrize(("shape", "first"), [("shifted", [1, 0.25]), ("binary", [1, 0.3])])
def test_the_shapes_of_confidence(six: Samples, shape: str, first: list[float]) -> None:
    np.testing.assert_allclose(row_weights(recipe(weighting={"confidence": shape}), six)[:2], first, rtol=1e-6)


def test_weights_can_be_made_to_have_the_mean_1(six: Samples) -> None:
    weights = row_weights(recipe(extra={"more": {"weight": 0.5}}, weighting={"renormalise": "mean"}), six)
    np.testing.assert_allclose(weights, np.array([2, 2, 2, 2, 1, 1]) / (10 / 6), rtol=1e-6)


def test_a_data_set_of_which_no_row_came_changes_nothing(six: Samples) -> None:
    np.testing.assert_array_equal(row_weights(recipe(extra={"none": {"weight": 0.1}}), six), np.ones(6, np.float32))


def test_weights_by_confidence_need_a_confidence(six: Samples) -> None:
    unknown = replace(six, confidence=np.full(6, np.nan, np.float32))
    with pytest.raises(ConfigError, match=r"weighting.confidence: linear, but no row has a confidence"):
        row_weights(recipe(weighting={"confidence": "linear"}), unknown)


@pytest.fixture
def cut(made: Callable[..., Samples]) -> Samples:
    """Forty clips of five segments each, clip by clip, and one whole clip."""
    ids = [f"c{row // 5}#s{row % 5}" for row in range(200)]
    return replace(made([0] * 201, ["s"] * 201), ids=(*ids, "whole"))


def test_one_segment_of_each_clip_is_drawn_and_the_seed_decides(cut: Samples) -> None:
    drawn = recipe(rows={"segments": {"count": 5}})
    taken = one_segment_each(drawn, cut, 3)
    assert [key.partition("#")[0] for key in taken.ids] == [*(f"c{n}" for n in range(40)), "whole"]
    counts = np.bincount([int(key[-1]) for key in taken.ids[:-1]], minlength=5)
    assert (counts > 0).all(), "each segment is as likely"
    assert one_segment_each(drawn, cut, 3).ids == taken.ids
    assert one_segment_each(drawn, cut, 4).ids != taken.ids


def test_clips_of_other_data_sets_have_segments_of_their_own(cut: Samples) -> None:
    both = replace(cut, sources=("",) * 100 + ("more",) * 101, ids=(*cut.ids[:100], *cut.ids[:100], "whole"))
    taken = one_segment_each(recipe(rows={"segments": {"count": 5}}), both, 3)
    assert taken.sources == ("",) * 20 + ("more",) * 21


def test_the_first_segment_or_all_of_them(cut: Samples) -> None:
    first = one_segment_each(recipe(rows={"segments": {"count": 5, "train": "first"}}), cut, 3)
    assert first.ids == (*(f"c{n}#s0" for n in range(40)), "whole")
    for rows in ({"segments": {"count": 5, "train": "all"}}, {}):
        assert one_segment_each(recipe(rows=rows), cut, 3) is cut
