from pathlib import Path

import pytest

from heterophony.errors import InputError
from heterophony.taxonomy import TAXONOMIES, Taxonomy, from_pairs, read_taxonomy, write_taxonomy


@pytest.mark.parametrize(
    "tree",
    [
        *TAXONOMIES.values(),
        from_pairs("flat", ["b", "a", "c"]),
        Taxonomy("mixed", ("z", "b", "y"), ("b", "a"), (1, 0, 1), {"z": 'a "z", really'}, {"a": "two\nlines\rthree"}),
    ],
    ids=lambda tree: tree.name,
)
def test_a_tree_that_is_written_is_read_back_the_same(tree: Taxonomy, tmp_path: Path) -> None:
    path = tmp_path / f"{tree.name}.csv"
    write_taxonomy(tree, path)
    assert read_taxonomy(path) == tree


def test_a_hand_written_list_of_keys_is_a_tree_of_one_level(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("﻿key,parent\nrain,\nwind,\n", encoding="utf-8")
    tree = read_taxonomy(path)
    assert tree.name == "mine"
    assert tree.classes == tree.tops == ("rain", "wind")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nx\n", "wanted the columns key,parent"),
        ("", "found none"),
        ("key,parent\nrain,weather\n", "line 2: parent 'weather' has no row"),
        ("key,parent\n,\n", "line 2: no key"),
        ("key,parent\na,\na,\n", "named more than once: a"),
    ],
)
def test_a_file_that_makes_no_tree_is_refused_with_its_name(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.csv.*" + message):
        read_taxonomy(path)


def test_a_file_in_another_encoding_or_none_at_all_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("key,parent\nMöwe,\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.csv: not a taxonomy that can be read.*UTF-8"):
        read_taxonomy(path)
    with pytest.raises(InputError, match=r"absent\.csv"):
        read_taxonomy(tmp_path / "absent.csv")
