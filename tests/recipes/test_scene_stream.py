"""A stream that is read as far as it is needed."""

import numpy as np

from heterophony.recipes.scene_stream import Stream
from heterophony.recipes.scene_windows import Minute, Windows

BEGINS = 2.0


def minute(number, ends=None):
    starts = BEGINS + 60.0 * number + np.arange(0, 60 if ends is None else ends - BEGINS - 60 * number, 10.0)
    vectors = starts[:, None].astype(np.float32)
    return Minute(number, {"k": Windows(starts, starts + 10, vectors, np.zeros(len(starts), np.int64))}, ends)


def stream(*minutes):
    read = []
    return Stream((read.append(one.number) or one for one in minutes), BEGINS), read


def test_no_more_is_read_than_is_needed():
    one, read = stream(minute(0), minute(1), minute(2, 142.0))
    one.read_until(30.0)
    one.read_until(62.0)
    assert read == [0]
    one.read_until(62.1)
    assert (read, one.over, one.ends) == ([0, 1], False, None)
    one.read_until(500.0)
    assert (read, one.over, one.ends) == ([0, 1, 2], True, 142.0)


def test_it_is_there_from_its_beginning_to_its_end():
    one, _ = stream(minute(0), minute(1, 82.0))
    one.read_until(300.0)
    assert [one.there(moment) for moment in (1.9, 2.0, 81.9, 82.0)] == [False, True, True, False]
    assert one.vector("k", "mean", 50.0, 24.0).tolist() == [47.0]  # 42 and 52
    assert one.vector("k", "mean", 1.5, 20.0) is None
    assert one.vector("other", "mean", 50.0, 20.0) is None


def test_what_is_forgotten_is_gone_and_nothing_else():
    one, _ = stream(minute(0), minute(1), minute(2, 142.0))
    one.read_until(100.0)
    one.forget(60.0)
    assert one.vector("k", "mean", 60.0, 0.0).tolist() == [52.0]
    assert one.vector("k", "mean", 40.0, 0.0) is None
    one.read_until(300.0)
    assert one.vector("k", "mean", 130.0, 0.0).tolist() == [122.0]


def test_a_stream_that_ended_before_is_nowhere():
    one, _ = stream()
    one.read_until(100.0)
    assert (one.over, one.ends, one.there(90.0)) == (True, -np.inf, False)
