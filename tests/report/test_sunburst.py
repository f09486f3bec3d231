from math import pi

import pytest

from heterophony.report.sunburst import Arc, ring_path, sunburst
from heterophony.taxonomy import BST, from_pairs

TREE = from_pairs("t", ["cow", "dog", "rain"], ["animals", "animals", "weather"])


def numbers(path: str) -> list[float]:
    for letter in "MLAZ":
        path = path.replace(letter, " ")
    return [round(float(part), 6) + 0.0 for part in path.split()]


def test_a_quarter_of_a_ring_starts_at_the_top_and_turns_clockwise() -> None:
    assert ring_path(0, pi / 2, 1, 2).count("A") == 2
    assert numbers(ring_path(0, pi / 2, 1, 2)) == [
        0, -2, 2, 2, 0, 0, 1, 2, 0, 1, 0, 1, 1, 0, 0, 0, 0, -1,
    ]  # fmt: skip


def test_more_than_half_a_ring_takes_the_long_way_and_a_whole_one_is_two_halves() -> None:
    assert "A2 2 0 1 1" in ring_path(0, 1.5 * pi, 1, 2)
    whole = ring_path(0, 2 * pi, 1, 2)
    assert whole.count("M") == whole.count("Z") == 2


def test_arcs_are_as_wide_as_their_counts_and_empty_classes_are_not_drawn() -> None:
    arcs = sunburst([6, 0, 2], TREE)
    assert [(arc.kind, arc.name, arc.count, arc.share) for arc in arcs] == [
        ("top", "animals", 6, 0.75),
        ("class", "cow", 6, 0.75),
        ("top", "weather", 2, 0.25),
        ("class", "rain", 2, 0.25),
    ]
    # the second family begins at three quarters of the turn: at the left
    assert numbers(arcs[2].path)[:2] == [-112, 0]


def test_both_rings_are_full_and_each_class_has_the_colour_of_its_top() -> None:
    counts = list(range(1, 24))
    arcs = sunburst(counts, BST)
    for kind in ("top", "class"):
        assert sum(arc.share for arc in arcs if arc.kind == kind) == pytest.approx(1)
    for arc in arcs:
        if arc.kind == "class":
            assert arc.family == BST.top_of[arc.index]


def test_a_tree_of_one_level_has_one_ring_and_an_empty_collection_none() -> None:
    assert {arc.kind for arc in sunburst([1, 2, 3], from_pairs("flat", ["a", "b", "c"]))} == {"class"}
    assert sunburst([0, 0, 0], TREE) == []


def label(arcs: list[Arc], name: str) -> list[str]:
    return [line.text for arc in arcs if arc.name == name for line in arc.lines]


def test_labels_are_whole_where_there_is_room_cut_where_it_is_short_and_left_out_where_there_is_none() -> None:
    counts = [0] * 23
    counts[BST.index("fx-v")], counts[BST.index("fx-m")], counts[BST.index("ss-n")] = 500, 500, 1
    arcs = sunburst(counts, BST)
    assert label(arcs, "vehicles") == ["vehicles"]
    assert label(arcs, "Sound effects") == ["Sound effects"]
    (cut,) = label(arcs, "other mechanisms, engines, machines")
    assert cut.endswith("…")
    assert cut.startswith("other mechan")
    assert label(arcs, "nature") == label(arcs, "Soundscapes") == []
