"""The map of one fold."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from heterophony.report.embedding_map import EmbeddingMap, embedding_map
from heterophony.report.run_record import NotShown, RunRecord

Record = Callable[..., RunRecord]


def test_two_planes_of_the_first_fold_each_clip_once(record: Record) -> None:
    run = record()
    found = embedding_map(run, "tsne", 100)
    assert isinstance(found, EmbeddingMap)
    assert (found.fold, found.shown, found.all, found.chance) == (0, 30, 30, 1 / 3)
    before, after = found.planes
    assert after.purity == 1
    assert before.purity < 0.8  # noise
    for plane in found.planes:
        assert sorted(point.text.split(":")[0] for point in plane.points) == sorted(run.evidence[0].ids)
        assert [point.right for point in plane.points] == [row % 5 != 4 for row in range(30)]
    assert "clip 4: b, called c" in {point.text for point in after.points}
    assert {name for _, _, _, name in after.labels} == {"a", "b", "c"}


def test_of_more_clips_a_random_part_is_drawn_that_hangs_on_the_seed(record: Record) -> None:
    one, same, other = (embedding_map(record(), "tsne", 15, seed) for seed in (1, 1, 2))
    assert isinstance(one, EmbeddingMap)
    assert isinstance(other, EmbeddingMap)
    assert one == same
    assert (one.shown, one.all) == (15, 30)
    assert [point.text for point in one.planes[0].points] != [point.text for point in other.planes[0].points]


def test_vectors_that_are_not_at_hand_have_no_plane(record: Record) -> None:
    evidence = replace(record().evidence[0], before=np.zeros((30, 0), np.float16))
    found = embedding_map(record(evidence={0: evidence}), "tsne", 100)
    assert isinstance(found, EmbeddingMap)
    assert [plane.title for plane in found.planes] == ["After fusion: the latent"]


def test_why_there_is_no_map(record: Record) -> None:
    for found, why in (
        (embedding_map(record(), "none", 100), "was not asked for: heterophony report"),
        (embedding_map(record(evidence={}), "tsne", 100), "evidence_test.npz"),
        (embedding_map(record(), "tsne", 5), "a map needs 12"),
    ):
        assert isinstance(found, NotShown)
        assert why in found.why
