"""Prototypes: the nearest definition wins, by the cosine and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from heterophony.encoders.prototypes_prior import PrototypesPrior, definitions_of, read_definitions
from heterophony.errors import InputError, ModelError
from heterophony.taxonomy import BST, from_pairs

ROOT = np.sqrt(0.5)


@pytest.fixture
def prior() -> PrototypesPrior:
    """Two axes and their diagonal, none of length 1."""
    return PrototypesPrior(np.array([[2, 0], [0, 3], [5, 5]], dtype=np.float32), tau=0.5)


def test_the_formula(prior: PrototypesPrior) -> None:
    said = prior.log_prior(np.array([[7, 0], [1, 1]], dtype=np.float32))
    cosine = np.array([[1, 0, ROOT], [ROOT, ROOT, 1]])
    wanted = np.exp(cosine / 0.5) / np.exp(cosine / 0.5).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(np.exp(said), wanted, rtol=1e-6)
    assert said.dtype == np.float32


def test_zeros_are_equally_near_to_all(prior: PrototypesPrior) -> None:
    np.testing.assert_allclose(np.exp(prior.log_prior(np.zeros((1, 2), dtype=np.float32))), 1 / 3, rtol=1e-6)


def test_it_comes_back_from_its_arrays_also_from_halves(prior: PrototypesPrior) -> None:
    x = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    arrays = prior.to_arrays()
    halves = {key: value.astype(np.float16) if value.dtype == np.float32 else value for key, value in arrays.items()}
    for again in (PrototypesPrior.from_arrays(arrays), PrototypesPrior.from_arrays(halves)):
        np.testing.assert_array_equal(again.log_prior(x), prior.log_prior(x))  # 2, 3 and 5 are halves


def test_what_is_incomplete_or_of_another_size_is_refused(prior: PrototypesPrior) -> None:
    with pytest.raises(ModelError, match="arrays prototypes and tau are wanted"):
        PrototypesPrior.from_arrays({"prototypes": prior.prototypes})
    with pytest.raises(ModelError, match="embeddings of 3 numbers, definitions of 2"):
        prior.log_prior(np.ones((1, 3), dtype=np.float32))
    with pytest.raises(ModelError, match="not zero"):
        PrototypesPrior(np.zeros((2, 2), dtype=np.float32), tau=1.0)
    with pytest.raises(ModelError, match="got tau 0"):
        PrototypesPrior(prior.prototypes, tau=0.0)


def test_texts_of_a_tree() -> None:
    texts = definitions_of(BST)
    assert len(texts) == 23
    assert texts[15] == (
        "Sound effects / animals: Animal vocalizations or sounds. "
        "For example: cat, insect, sheep, animal walk, growl, purr."
    )
    assert definitions_of(from_pairs("t", ["dog_bark", "rain"])) == ("dog bark", "rain")


def test_texts_of_a_table_come_in_the_order_of_the_classes(tmp_path: Path) -> None:
    table = tmp_path / "d.csv"
    table.write_text("key,definition\nother,x\nb, A bee.\na,An ant.\n", encoding="utf-8")
    assert read_definitions(table, ["a", "b"]) == ("An ant.", "A bee.")


def test_faults_of_a_table_are_named(tmp_path: Path) -> None:
    table = tmp_path / "d.csv"
    table.write_text("key,definition\na,one\na,two\nb,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"d\.csv: wanted one text for each class; not so for a, b, c"):
        read_definitions(table, ["a", "b", "c"])
    table.write_text("klass,definition\na,one\n", encoding="utf-8")
    with pytest.raises(InputError, match="wanted the columns key,definition, found klass, definition"):
        read_definitions(table, ["a"])
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        read_definitions(tmp_path / "none.csv", ["a"])


@pytest.mark.shared_data
def test_the_table_of_bsd10k_has_all_classes(shared_data: Path) -> None:
    texts = read_definitions(shared_data / "bsd10k" / "bst_description.csv", BST.classes)
    assert texts[0] == "Music excerpts with solo percussive instruments."
