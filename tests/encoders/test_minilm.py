"""MiniLM puts near what means alike, and a text's vector depends on nothing but the text."""

import numpy as np
import pytest

from heterophony.encoders import load_encoder
from heterophony.encoders.minilm import MiniLm

TEXTS = [
    "dog barking",
    "a puppy woofs in the yard",
    "piano sonata in c minor",
    "",
    "rain " * 500,
    "Käse; 雨の音 \u0000 🎵",
]


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return MiniLm().encode(TEXTS)


def test_every_vector_has_length_one(vectors: np.ndarray) -> None:
    assert vectors.shape == (len(TEXTS), load_encoder("minilm").dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_a_dog_is_nearer_to_a_puppy_than_to_a_piano(vectors: np.ndarray) -> None:
    near, far = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert near > 0.35 > 0.15 > far


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("heavy rain on a tin roof", "thunderstorm", "drum machine loop"),
        ("kick drum 808", "techno beat", "forest birds at dawn"),
        ("a woman speaks", "female voice talking", "car engine idling"),
    ],
)
def test_meaning_orders_texts(text: str, near: str, far: str) -> None:
    anchor, first, second = MiniLm().encode([text, near, far])
    assert anchor @ first > anchor @ second + 0.1


def test_a_text_has_the_same_bytes_alone_and_among_others(vectors: np.ndarray) -> None:
    alone = np.concatenate([MiniLm().encode([text]) for text in TEXTS])
    assert alone.tobytes() == vectors.tobytes()
    assert MiniLm().encode(TEXTS[::-1])[::-1].tobytes() == vectors.tobytes()


def test_only_the_first_256_word_pieces_are_read() -> None:
    long = "rain " * 254  # with [CLS] and [SEP]: 256
    first, second, third = MiniLm().encode([long, long + "dog dog dog", "dog " + long])
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != third.tobytes()


def test_no_texts_give_no_rows() -> None:
    assert MiniLm().encode([]).shape == (0, 384)
