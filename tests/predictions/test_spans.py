"""Spans of one class, and the merging of short ones, with answers by hand."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heterophony.predictions.spans import Span, merge_short, spans

SURE = {"a": (0.8, 0.1, 0.1), "b": (0.1, 0.8, 0.1), "c": (0.1, 0.1, 0.8), "x": (0.2, 0.3, 0.5), "-": (np.nan,) * 3}


def steps(text):
    """Probabilities of three classes; "x" is c, and b rather than a; "-" is nothing."""
    return np.array([SURE[letter] for letter in text]).reshape(-1, 3)


def merged(text, shortest, edges=None):
    p = steps(text)
    edges = np.arange(len(p) + 1.0) if edges is None else edges
    found = merge_short(spans(p), p, edges, shortest)
    return [(span.first, span.end, "abc"[span.label]) for span in found]


def test_runs_are_as_long_as_they_can_be_and_gaps_are_in_none():
    assert spans(steps("aab-bbc")) == [Span(0, 2, 0), Span(2, 3, 1), Span(4, 6, 1), Span(6, 7, 2)]
    assert spans(steps("")) == []
    assert spans(steps("--")) == []
    assert spans(np.full((2, 3), 1 / 3)) == [Span(0, 2, 0)], "of equals the first"


def test_a_short_one_goes_to_the_likelier_neighbour():
    assert merged("aaaxbbb", 2) == [(0, 3, "a"), (3, 7, "b")]
    assert merged("bbbxaaa", 2) == [(0, 4, "b"), (4, 7, "a")]
    assert merged("aaacbbb", 2) == [(0, 4, "a"), (4, 7, "b")], "of equals the earlier"


def test_equal_neighbours_become_one_with_it():
    assert merged("aaabaaa", 2) == [(0, 7, "a")]
    assert merged("aabaccc", 2) == [(0, 4, "a"), (4, 7, "c")]


def test_what_is_long_enough_stays():
    assert merged("aabbaa", 2) == [(0, 2, "a"), (2, 4, "b"), (4, 6, "a")]
    assert merged("abab", 0) == [(0, 1, "a"), (1, 2, "b"), (2, 3, "a"), (3, 4, "b")]


def test_lengths_are_in_seconds():
    edges = np.array([0.0, 0.1, 0.2, 0.3, 0.9, 1.0, 1.1])
    assert merged("aaabaa", 0.5, edges) == [(0, 6, "b")]
    assert merged("aaabaa", 0.25, edges) == [(0, 3, "a"), (3, 6, "b")]


def test_a_gap_is_never_filled_and_is_no_neighbour():
    assert merged("-a-bbb", 3) == [(1, 2, "a"), (3, 6, "b")]
    assert merged("aaa-xb--", 2) == [(0, 3, "a"), (4, 6, "b")]
    assert merged("", 3) == []


def test_at_the_ends_there_is_one_neighbour():
    assert merged("xaaa", 2) == [(0, 4, "a")]
    assert merged("aaax", 2) == [(0, 4, "a")]
    assert merged("ab", 5) == [(0, 2, "b")]


@given(st.text("abc-", max_size=40), st.integers(0, 6))
def test_nothing_is_lost_and_only_islands_are_short(text, shortest):
    found = merged(text, shortest)
    covered = [step for first, end, _ in found for step in range(first, end)]
    assert covered == [step for step, letter in enumerate(text) if letter != "-"]
    for (_, end, label), (first, _, other) in pairwise(found):
        assert end < first or label != other
    for first, end, _ in found:
        island = (first == 0 or text[first - 1] == "-") and (end == len(text) or text[end] == "-")
        assert end - first >= shortest or island
