"""From steps to segments, with answers by hand."""

import numpy as np
import pytest

from heterophony.report.track import Steps, Track


def steps(rows, present=None, every=1.0):
    """Two classes; each row is the probability of the first, None where nothing was there."""
    said = np.array([[np.nan] * 2 if p is None else [p, 1 - p] for p in rows])
    there = np.array([[p is not None, False] for p in rows]) if present is None else np.array(present, np.bool_)
    edges = every * np.arange(len(rows) + 1.0)
    return Steps(
        edges=edges,
        classes=("bus", "tram"),
        names=("a bus", "a tram"),
        modalities=("sound", "pictures"),
        probabilities=said,
        present=there,
    )


def told(track):
    return [(one.start, one.end, one.label, round(one.probability, 6)) for one in track.segments]


def test_equal_labels_are_one_segment_with_their_mean_probability():
    track = Track.of("a", steps([0.9, 0.7, 0.2, None, 0.4]), every=1.0, smoothed=0.0, shortest=0.0)
    assert told(track) == [(0, 2, "bus", 0.8), (2, 3, "tram", 0.8), (4, 5, "tram", 0.6)]
    assert track.segments[0].name == "a bus"


def test_probabilities_are_averaged_over_the_steps_around():
    rows = [0.9, 0.9, 0.3, 0.9, 0.9]
    (whole,) = told(Track.of("a", steps(rows), every=1.0, smoothed=2.0, shortest=0.0))
    assert whole == (0, 5, "bus", pytest.approx((0.9 + 0.7 + 0.7 + 0.7 + 0.9) / 5))
    for smoothed in (0.0, 1.9):  # a middle is one second away: half of two
        assert len(told(Track.of("a", steps(rows), every=1.0, smoothed=smoothed, shortest=0.0))) == 3
    half = steps(rows, every=0.5)
    assert len(told(Track.of("a", half, every=0.5, smoothed=1.0, shortest=0.0))) == 1


def test_short_segments_are_merged_and_probability_is_that_of_the_label():
    track = Track.of("a", steps([0.9, 0.9, 0.3, 0.9]), every=1.0, smoothed=0.0, shortest=1.5)
    assert told(track) == [(0, 4, "bus", 0.75)]


def test_a_segment_has_the_modalities_of_any_of_its_steps():
    present = [[1, 0], [1, 1], [0, 1]]
    track = Track.of("a", steps([0.9, 0.8, 0.1], present), every=1.0, smoothed=0.0, shortest=0.0)
    assert [one.modalities for one in track.segments] == [("sound", "pictures"), ("pictures",)]
