"""Clips cut into segments, and back from ids to clips."""

from pathlib import Path

import pytest

from heterophony.clips import Clip, clip_of, is_segment, segments
from heterophony.errors import InputError

SCENE = Clip(
    id="a", file_name="a.wav", path=Path("a.wav"), pictures_path=Path("a.mp4"), label="bus", group="x", fold="1"
)


def test_a_clip_becomes_stretches_that_meet():
    first, second, third = segments([SCENE], 0.5, 3)
    assert [one.id for one in (first, second, third)] == ["a#s0", "a#s1", "a#s2"]
    assert [one.stretch for one in (first, second, third)] == [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)]
    assert {(one.path, one.pictures_path, one.label, one.group, one.fold) for one in (first, second, third)} == {
        (Path("a.wav"), Path("a.mp4"), "bus", "x", "1")
    }


def test_without_a_group_the_clip_is_the_group():
    cut = segments([Clip(id="a", path=Path("a.wav")), Clip(id="b", path=Path("b.wav"))], 1.0, 2)
    assert [one.group for one in cut] == ["a", "a", "b", "b"]


def test_words_without_a_recording_stay_whole():
    words = Clip(id="w", title="a bus")
    assert segments([words], 1.0, 10) == [words]


@pytest.mark.parametrize("clip", [Clip(id="a#s0", path=Path("a.wav")), segments([SCENE], 1.0, 1)[0]])
def test_a_segment_is_not_cut_again(clip):
    with pytest.raises(InputError, match="a#s0: is a segment already"):
        segments([clip], 1.0, 2)


@pytest.mark.parametrize("name", ["a", "a#2", "a#s", "#s1", "a#s1.wav"])
def test_other_ids_are_no_segments(name):
    assert not is_segment(name)
    assert clip_of(name) == name


def test_every_segment_knows_its_clip():
    assert [clip_of(one.id) for one in segments([SCENE], 1.0, 12)] == ["a"] * 12
