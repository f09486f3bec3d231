"""Segments pooled to clips, against numbers by hand."""

import numpy as np
import pytest

from heterophony.errors import AlignmentError, InputError
from heterophony.predictions import Imported, Predictions, align, softmax
from heterophony.predictions.pool_segments import pool_imported, pool_segments

HALF, MOST = [0.5, 0.5], [0.02, 0.98]


def table(probabilities, ids, target=None, fold=None):
    n = len(ids)
    logits = np.log(np.array(probabilities)).astype(np.float32) + np.arange(n, dtype=np.float32)[:, None]
    target = np.zeros(n, np.int64) if target is None else np.array(target)
    fold = np.zeros(n, np.int64) if fold is None else np.array(fold)
    return Predictions(tuple(ids), logits, target, fold, ("bus", "tram"))


@pytest.fixture
def two_clips():
    """b: three segments, two of which say "bus"; a: one segment."""
    rows = [[0.6, 0.4], [0.7, 0.3], MOST, [0.25, 0.75]]
    return table(rows, ["b#s0", "b#s1", "b#s2", "a#s0"], [0, 0, 0, 1], [2, 2, 2, 1])


def test_the_mean_of_probabilities(two_clips):
    pooled = pool_segments(two_clips, "probabilities")
    assert pooled.ids == ("b", "a"), "in the order in which the clips come first"
    assert softmax(pooled.logits) == pytest.approx(np.array([[0.44, 0.56], [0.25, 0.75]]), abs=1e-6)
    assert (pooled.target.tolist(), pooled.fold.tolist()) == ([0, 1], [2, 1])


def test_the_mean_of_log_probabilities_is_the_geometric_mean(two_clips):
    pooled = pool_segments(two_clips, "log-probabilities")
    bus, tram = (0.6 * 0.7 * 0.02) ** (1 / 3), (0.4 * 0.3 * 0.98) ** (1 / 3)
    assert softmax(pooled.logits)[0] == pytest.approx([bus / (bus + tram), tram / (bus + tram)], abs=1e-6)
    assert np.exp(pooled.logits).sum(axis=1) == pytest.approx([1, 1])


def test_one_sure_segment_weighs_more_in_logarithms():
    said = table([[0.9, 0.1], [0.9, 0.1], [1e-9, 1 - 1e-9]], ["a#s0", "a#s1", "a#s2"])
    assert pool_segments(said, "probabilities").logits.argmax() == 0
    assert pool_segments(said, "log-probabilities").logits.argmax() == 1


@pytest.mark.parametrize("how", ["probabilities", "log-probabilities"])
def test_equal_segments_are_their_clip_and_nothing_underflows(how):
    said = table([HALF, HALF], ["a#s0", "a#s1"])
    assert softmax(pool_segments(said, how).logits) == pytest.approx(np.array([HALF]))
    zero = np.zeros(2, np.int64)
    far = Predictions(("a#s0", "a#s1"), np.array([[0, 400], [0, 300]], np.float32), zero, zero, ("x", "y"))
    assert np.isfinite(pool_segments(far, how).logits).all()


def test_whole_clips_are_refused():
    with pytest.raises(InputError, match=r"1 of 2 rows are no segments: b; only"):
        pool_segments(table([HALF, HALF], ["a#s0", "b"]), "probabilities")


@pytest.mark.parametrize("what", ["target", "fold"])
def test_segments_of_a_clip_must_agree(what):
    with pytest.raises(AlignmentError, match="segments of one clip have different targets or folds: a"):
        pool_segments(table([HALF, HALF], ["a#s0", "a#s1"], **{what: [0, 1]}), "probabilities")


def test_tables_of_any_origin_keep_their_groups_and_tell(two_clips):
    given = Imported(two_clips, "distribution", ("lyon", "lyon", "lyon", None), ("before",))
    pooled = pool_imported(given, "probabilities")
    assert pooled.groups == ("lyon", None)
    assert pooled.notes == ("before", "4 segments pooled to 2 clips by the mean of their probabilities")
    with pytest.raises(InputError, match="only the scores of all classes can be pooled"):
        pool_imported(Imported(two_clips, "top", (None,) * 4), "probabilities")


def test_segments_are_not_compared_with_clips(two_clips):
    clips = pool_segments(two_clips, "probabilities")
    with pytest.raises(AlignmentError, match="of clips against predictions of segments: two different tasks"):
        align(clips, two_clips)
    assert align(clips, clips.take(np.array([1, 0]))).ids == clips.ids
