import csv
from pathlib import Path

import numpy as np
import pytest

from heterophony.taxonomy import BST


def test_the_23_classes_stand_in_the_order_of_the_training_labels() -> None:
    assert " ".join(BST.classes) == (
        "m-sp m-si m-m is-p is-s is-w is-k is-e sp-s sp-c sp-p "
        "fx-o fx-v fx-m fx-h fx-a fx-n fx-ex fx-el ss-n ss-i ss-u ss-s"
    )
    assert BST.tops == ("m", "is", "sp", "fx", "ss")
    np.testing.assert_array_equal(BST.membership.sum(0), [3, 5, 3, 8, 4])


def test_names_are_readable_and_every_key_is_defined() -> None:
    assert BST.readable("fx-a") == "Sound effects / animals"
    assert BST.readable("ss") == "Soundscapes"
    assert set(BST.definitions) == set(BST.names) == set(BST.tops) | set(BST.classes)


@pytest.mark.shared_data
def test_keys_and_tops_are_those_of_the_published_description(shared_data: Path) -> None:
    with (shared_data / "bsd10k" / "bst_description.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if not row["class_key"].endswith(("-0", "-other"))]
    assert [row["class_key"] for row in rows] == list(BST.classes)
    assert [row["top_level"] for row in rows] == [BST.names[BST.top(key)] for key in BST.classes]
