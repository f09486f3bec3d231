"""A collection as two rings: the top levels inside, their classes outside, each as wide as it has sounds.

Source: J. Stasko, E. Zhang, "Focus+context display and navigation techniques for enhancing radial, space-filling
hierarchy visualizations", InfoVis 2000. The angle is proportional to the count; a class without sounds is not drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from heterophony.taxonomy import Taxonomy

FAMILIES = 8
"""Colours of the style sheet; the top level with index i has colour i modulo this."""

_INNER = (66.0, 112.0)
_OUTER = (114.0, 226.0)
_LETTER = 6.1
"""Mean width of a letter at the size of the labels, in units of the picture."""


@dataclass(frozen=True)
class Line:
    """One line of a label, written along a path.

    Attributes:
        path: SVG path it stands on.
        text: What is written.
        anchor: SVG text-anchor, "start", "middle" or "end".
    """

    path: str
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Arc:
    """One piece of a ring, in the coordinates of a picture of 460 x 460 around (0, 0).

    Attributes:
        kind: "top" or "class".
        index: Index of the top or class.
        name: Readable name.
        count: Sounds in it.
        share: `count` over all, 0..1.
        family: Number of the colour.
        tint: Opacity of the colour, 0..1; siblings alternate.
        path: SVG path of the outline.
        lines: The label, as far as it fits.
    """

    kind: str
    index: int
    name: str
    count: int
    share: float
    family: int
    tint: float
    path: str
    lines: tuple[Line, ...]


def sunburst(counts: Sequence[int], taxonomy: Taxonomy) -> list[Arc]:
    """The arcs of a collection with `counts[c]` sounds of class c; none if it is empty.

    A tree of one level has the outer ring only.
    """
    total = sum(counts)
    arcs: list[Arc] = []
    before = 0
    for top in range(taxonomy.n_tops):
        members = [label for label in range(taxonomy.n_classes) if taxonomy.top_of[label] == top and counts[label]]
        size = sum(counts[label] for label in members)
        if size and taxonomy.levels == 2:
            arcs.append(_arc("top", (top, taxonomy.tops[top]), (before, size, total), (top, 1.0), taxonomy))
        for place, label in enumerate(members):
            tint = 0.6 if place % 2 else 0.8
            key = taxonomy.classes[label]
            arcs.append(_arc("class", (label, key), (before, counts[label], total), (top, tint), taxonomy))
            before += counts[label]
    return arcs


def ring_path(start: float, stop: float, inner: float, outer: float) -> str:
    """The outline of a piece of a ring from angle to angle (radians, clockwise from the top); whole rings included."""
    if stop - start > 2 * pi - 1e-6:
        halves = (
            ring_path(start, start + pi, inner, outer),
            ring_path(start + pi, start + 2 * pi - 2e-6, inner, outer),
        )
        return " ".join(halves)
    large = int(stop - start > pi)
    corners = ((start, outer), (stop, outer), (stop, inner), (start, inner))
    a, b, c, d = (_point(angle, radius) for angle, radius in corners)
    return f"M{a}A{outer:g} {outer:g} 0 {large} 1 {b}L{c}A{inner:g} {inner:g} 0 {large} 0 {d}Z"


def _arc(
    kind: str, what: tuple[int, str], span: tuple[int, int, int], colour: tuple[int, float], taxonomy: Taxonomy
) -> Arc:
    """One arc; `what` is (index, key), `span` (sounds before it, in it, in all), `colour` (top index, tint)."""
    before, count, total = span
    start, stop = 2 * pi * before / total, 2 * pi * (before + count) / total
    name = taxonomy.names.get(what[1], what[1])
    inner, outer = _INNER if kind == "top" else _OUTER
    return Arc(
        kind=kind,
        index=what[0],
        name=name,
        count=count,
        share=count / total,
        family=colour[0] % FAMILIES,
        tint=colour[1],
        path=ring_path(start, stop, inner, outer),
        lines=_around(name, start, stop) if kind == "top" else _outward(name, start, stop),
    )


def _outward(name: str, start: float, stop: float) -> tuple[Line, ...]:
    """What fits of a name along the radius of the outer ring, in one line."""
    inner, outer = _OUTER
    if (stop - start) * inner < 11:
        return ()
    room = int((outer - inner - 10) / _LETTER)
    shown = name if len(name) <= room else name[: room - 1].rstrip(" ,/") + "…"
    middle = (start + stop) / 2
    near, far = _point(middle, inner + 6), _point(middle, outer)
    if middle > pi:
        return (Line(f"M{_point(middle, outer)}L{_point(middle, inner + 6)}", shown, "end"),)
    return (Line(f"M{near}L{far}", shown, "start"),)


def _around(name: str, start: float, stop: float) -> tuple[Line, ...]:
    """A name along the inner ring in one or two lines, if it fits."""
    inner, outer = _INNER
    words = name.split()
    wanted = [name], [words[0], " ".join(words[1:])]
    middle, half = (start + stop) / 2, min((stop - start) / 2, 0.9 * pi)
    below = pi / 2 < middle < 3 * pi / 2
    for lines in wanted:
        shifts = (0.0,) if len(lines) == 1 else (6.5, -6.5)
        radii = [(inner + outer) / 2 + (-shift if below else shift) for shift in shifts]
        if all(len(line) * _LETTER * 1.14 < 2 * half * radius for line, radius in zip(lines, radii, strict=True)):
            ends = (middle + half, middle - half) if below else (middle - half, middle + half)
            return tuple(Line(_bow(*ends, radius), line) for line, radius in zip(lines, radii, strict=True) if line)
    return ()


def _bow(start: float, stop: float, radius: float) -> str:
    """An arc to write on; from right to left where the text would otherwise stand on its head."""
    large, sweep = int(abs(stop - start) > pi), int(stop > start)
    return f"M{_point(start, radius)}A{radius:g} {radius:g} 0 {large} {sweep} {_point(stop, radius)}"


def _point(angle: float, radius: float) -> str:
    """A point as SVG writes it."""
    return f"{radius * sin(angle):.2f} {-radius * cos(angle):.2f}"
