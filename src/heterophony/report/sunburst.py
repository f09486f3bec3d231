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

_INNER = (78.0, 128.0)
_OUTER = (131.0, 222.0)
_LETTER = 5.6
"""Mean width of a letter at the size of the labels, in units of the picture."""


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
        label: What fits of the name; "" if nothing does.
        place: SVG transform of the label.
        anchor: SVG text-anchor of the label.
    """

    kind: str
    index: int
    name: str
    count: int
    share: float
    family: int
    tint: float
    path: str
    label: str
    place: str
    anchor: str


def sunburst(counts: Sequence[int], taxonomy: Taxonomy) -> list[Arc]:
    """The arcs of a collection with `counts[c]` sounds of class c; none if it is empty.

    A tree of one level has the outer ring only.
    """
    total = sum(counts)
    arcs: list[Arc] = []
    start = 0.0
    for top in range(taxonomy.n_tops):
        members = [label for label in range(taxonomy.n_classes) if taxonomy.top_of[label] == top and counts[label]]
        size = sum(counts[label] for label in members)
        if size and taxonomy.levels == 2:
            key = taxonomy.tops[top]
            arcs.append(_arc("top", top, taxonomy.names.get(key, key), (start, size, total), (top, 1.0)))
        for place, label in enumerate(members):
            key = taxonomy.classes[label]
            tint = 0.62 if place % 2 else 0.8
            arcs.append(_arc("class", label, taxonomy.names.get(key, key), (start, counts[label], total), (top, tint)))
            start += counts[label]
    return arcs


def ring_path(start: float, stop: float, inner: float, outer: float) -> str:
    """The outline of a piece of a ring from angle to angle (radians, clockwise from the top); whole rings included."""
    if stop - start > 2 * pi - 1e-6:
        halves = [
            ring_path(start, start + pi, inner, outer),
            ring_path(start + pi, start + 2 * pi - 2e-6, inner, outer),
        ]
        return " ".join(halves)
    large = int(stop - start > pi)
    a, b, c, d = (
        _point(angle, radius) for angle, radius in ((start, outer), (stop, outer), (stop, inner), (start, inner))
    )
    return f"M{a}A{outer:g} {outer:g} 0 {large} 1 {b}L{c}A{inner:g} {inner:g} 0 {large} 0 {d}Z"


def _arc(kind: str, index: int, name: str, span: tuple[float, int, int], colour: tuple[int, float]) -> Arc:
    """One arc; `span` is (sounds before it, sounds in it, sounds in all), `colour` (top index, tint)."""
    before, count, total = span
    start, stop = 2 * pi * before / total, 2 * pi * (before + count) / total
    inner, outer = _INNER if kind == "top" else _OUTER
    label, place, anchor = _label(name, start, stop, (inner, outer))
    return Arc(
        kind=kind,
        index=index,
        name=name,
        count=count,
        share=count / total,
        family=colour[0] % FAMILIES,
        tint=colour[1],
        path=ring_path(start, stop, inner, outer),
        label=label,
        place=place,
        anchor=anchor,
    )


def _label(name: str, start: float, stop: float, ring: tuple[float, float]) -> tuple[str, str, str]:
    """What fits of a name along the radius, where, and from which end it is written."""
    inner, outer = ring
    middle = (start + stop) / 2
    if (stop - start) * inner < 13:
        return "", "", "start"
    room = int((outer - inner - 12) / _LETTER)
    shown = name if len(name) <= room else name[: room - 1].rstrip(" ,/") + "…"
    degrees = middle * 180 / pi - 90
    if middle > pi:
        return shown, f"rotate({degrees + 180:.1f}) translate({-(inner + 6):g} 0)", "end"
    return shown, f"rotate({degrees:.1f}) translate({inner + 6:g} 0)", "start"


def _point(angle: float, radius: float) -> str:
    """A point as SVG writes it."""
    return f"{radius * sin(angle):.2f} {-radius * cos(angle):.2f}"
