"""Steps of time that have the same class in a row, and those that are too short merged into their neighbours."""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise

import numpy as np
from jaxtyping import Float64

# Times are sums of steps: what is shorter by less than this is not shorter.
_ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class Span:
    """Steps `first` to before `end`, whose class is number `label`."""

    first: int
    end: int
    label: int


def spans(probabilities: Float64[np.ndarray, "steps classes"]) -> list[Span]:
    """The longest runs of steps with the same likeliest class (of equals the first); steps that are NaN are in none.

    >>> spans(np.array([[0.9, 0.1], [0.6, 0.4], [np.nan, np.nan], [0.2, 0.8]]))
    [Span(first=0, end=2, label=0), Span(first=3, end=4, label=1)]
    """
    known = ~np.isnan(probabilities).any(axis=1)
    labels = np.where(known, np.where(known[:, None], probabilities, 0.0).argmax(axis=1), -1)
    starts = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)] if len(labels) else [0]
    found = (Span(first, end, int(labels[first])) for first, end in pairwise(starts))
    return [span for span in found if span.label >= 0]


def merge_short(
    found: list[Span],
    probabilities: Float64[np.ndarray, "steps classes"],
    edges: Float64[np.ndarray, " edges"],
    shortest: float,
) -> list[Span]:
    """Spans of at least `shortest` seconds: the shortest is merged into a neighbour, again and again.

    It takes the class of that neighbour whose class is likelier in it (by the mean of `probabilities` over its own
    steps; of equals the earlier), and they become one; so do it and the other neighbour where the classes are now
    equal. Of spans that are equally short the first goes first. A gap is no neighbour and is never filled, so a span
    between gaps stays, however short.

    Args:
        found: In order, neighbours with different classes, as `spans` gives them.
        probabilities: Of the steps.
        edges: When each step begins and the last one ends, in seconds: one more than steps.
        shortest: In seconds, >= 0.
    """
    by_first, by_end = {span.first: span for span in found}, {span.end: span for span in found}
    waiting = [(float(edges[span.end] - edges[span.first]), span.first, span.end) for span in found]
    heapify(waiting)
    while waiting and waiting[0][0] < shortest - _ROUNDING_S:
        _, first, end = heappop(waiting)
        span = by_first.get(first)
        neighbours = [one for one in (by_end.get(first), by_first.get(end)) if one is not None]
        if span is None or span.end != end or not neighbours:
            continue
        label = max(neighbours, key=lambda one: probabilities[first:end, one.label].mean()).label
        joined = [span, *(one for one in neighbours if one.label == label)]
        for one in joined:
            del by_first[one.first], by_end[one.end]
        span = Span(min(one.first for one in joined), max(one.end for one in joined), label)
        by_first[span.first] = by_end[span.end] = span
        heappush(waiting, (float(edges[span.end] - edges[span.first]), span.first, span.end))
    return sorted(by_first.values(), key=lambda one: one.first)
