"""The model that comes with the package: small enough, complete, and right where nobody could doubt."""

from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import Clip
from heterophony.recipes.classify import classify
from heterophony.recipes.load import load_recipe
from heterophony.recipes.model_folder import MODELS, load_model
from heterophony.taxonomy import BST

PLAIN = {
    "is-w": ("Sax Alto - F5", "sax,alto,single-note,good-sounds"),
    "is-k": ("Piano note C4", "piano,note,C4,multisample"),
    "is-p": ("Kick drum one shot", "kick,drum,one-shot,808"),
    "fx-a": ("dog barking", "dog,bark,animal"),
    "sp-s": ("woman speaking a sentence", "speech,female,voice,english"),
    "ss-n": ("forest birds at dawn", "ambience,birds,forest,field-recording,nature"),
    "fx-v": ("car engine start and drive away", "car,engine,vehicle"),
    "m-sp": ("drum loop 120 bpm", "drums,loop,beat,120bpm"),
}


@pytest.fixture(scope="module")
def answers() -> dict[str, str | None]:
    clips = [Clip(id=key, title=title, tags=tags) for key, (title, tags) in PLAIN.items()]
    return dict(zip(PLAIN, (row.class_ for row in classify(clips, load_model("bst-base"))), strict=True))


def test_it_is_at_most_5_mb_and_holds_no_pickle() -> None:
    files = sorted(Path(str(MODELS / "bst-base")).iterdir())
    assert [file.name for file in files] == [
        "README.md",
        "calibration.json",
        "config.json",
        "model.safetensors",
        "taxonomy.csv",
    ]
    assert sum(file.stat().st_size for file in files) <= 5_000_000


def test_it_is_what_its_recipe_says_and_calibrated_for_every_set_of_modalities() -> None:
    model = load_model("bst-base")
    assert model.recipe == load_recipe("bst-base")
    assert model.taxonomy.classes == BST.classes
    assert set(model.temperatures) == {"sound", "words", "sound+words"}


@pytest.mark.parametrize("key", PLAIN)
def test_plain_words_get_their_class(key: str, answers: dict[str, str | None]) -> None:
    assert answers[key] == key


def test_its_probabilities_sum_to_one_whatever_is_there() -> None:
    model = load_model("bst-base")
    rows = classify([Clip(id="a", title="rain"), Clip(id="b", title="applause")], model)
    for row in rows:
        guesses = [row.class_probability, row.second_probability, row.third_probability]
        assert all(one is not None for one in guesses)
        assert 0 < np.sum([one for one in guesses if one is not None]) <= 1
        assert (row.class_from_words, row.class_from_sound) == (row.class_, None)
