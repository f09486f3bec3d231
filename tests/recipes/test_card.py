"""The model card says what the model is, from what, how well, and how sure."""

from dataclasses import replace
from pathlib import Path

import yaml

from heterophony.recipes.card import SHOWN, model_card
from heterophony.recipes.samples import Samples
from heterophony.recipes.trained import Temperature, Trained


def test_the_card_tells_rows_scores_and_temperatures(trained: Trained, corpus_samples: Samples) -> None:
    heat = {
        "sound": Temperature(value=1.5, samples=60),
        "words": Temperature(value=2.0, samples=70, paired=True),
        "sound+words": Temperature(value=2.0, samples=0),
    }
    scores = {"sound": dict.fromkeys(SHOWN, (0.25, 0.125))}
    card = model_card(replace(trained, temperatures=heat), scores, corpus_samples)
    head = yaml.safe_load(card.split("---")[1])
    assert head["model_name"] == "tiny"
    assert "36 samples (30 with sound, 30 with words). Per class: high 12, low 12, noise 12." in card
    assert "3 classes in 2 groups: high, low, noise" in card
    assert "| sound | 0.2500 ± 0.1250 |" in card
    assert "* sound: 1.500 (fitted on 60 held-out samples)" in card
    assert "* words: 2.000 (fitted on 70 pairs within a class)" in card
    assert "* sound+words: 2.000 (taken over from the least sure other set)" in card


def test_a_model_that_could_not_be_calibrated_says_so(trained: Trained, corpus_samples: Samples) -> None:
    heat = {"sound": Temperature(value=1.0, samples=0)}
    card = model_card(replace(trained, temperatures=heat), {}, corpus_samples)
    assert "* sound: 1.000 (not calibrated: too few held-out samples)" in card


def test_the_card_lies_beside_the_model(run_folder: Path) -> None:
    text = (run_folder / "model" / "README.md").read_text()
    assert text.startswith("---\nlibrary_name: heterophony")
    assert "Tones and noise." in text
