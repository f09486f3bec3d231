"""The model card says what the model is, from what, how well, and how sure."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from heterophony.metrics import evaluate
from heterophony.predictions import Predictions
from heterophony.recipes.card import SHOWN, model_card
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.model_folder import load_model
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


def test_a_transductive_score_is_not_told_as_any_other(trained: Trained, corpus_samples: Samples) -> None:
    raw = load_recipe("graph/dm").model_dump(mode="json")
    heat, cards = {"sound": Temperature(value=1.0, samples=0)}, {}
    for protocol in ("inductive", "transductive"):
        raw["model"]["protocol"] = protocol
        graph = replace(trained, recipe=as_recipe(raw), temperatures=heat)
        cards[protocol] = model_card(graph, {}, corpus_samples)
    assert "Protocol transductive: each answer sees all test samples, without labels" in cards["transductive"]
    assert "Protocol" not in cards["inductive"]


def test_a_model_that_could_not_be_calibrated_says_so(trained: Trained, corpus_samples: Samples) -> None:
    heat = {"sound": Temperature(value=1.0, samples=0)}
    card = model_card(replace(trained, temperatures=heat), {}, corpus_samples)
    assert "* sound: 1.000 (not calibrated: too few held-out samples)" in card


def test_every_model_has_a_card_that_says_what_it_is_for_and_what_it_cannot(run_folder: Path) -> None:
    for folder in (run_folder / "model", *(run_folder / f"fold_{fold}" for fold in range(3))):
        text = (folder / "README.md").read_text()
        assert yaml.safe_load(text.split("---")[1])["model_name"] == "tiny"
        for heading in ("What it is for", "What it takes", "What it says", "What it cannot do", "Licences"):
            assert f"## {heading}" in text
        assert "It knows the 3 classes above and no others" in text
        assert 'load_model("THIS_FOLDER")' in text
        load_model(str(folder))  # as the card says


def test_the_card_of_a_fold_has_the_scores_of_its_test_rows(run_folder: Path, trained: Trained) -> None:
    text = (run_folder / "fold_1" / "README.md").read_text()
    test = Predictions.load(run_folder / "fold_1" / "predictions_test.npz")
    named = evaluate(test.logits, test.target, trained.taxonomy)
    assert f"## Scores on the {len(test)} test rows of this fold" in text
    assert f"| accuracy | {named['accuracy']:.4f} |" in text
    assert "lists as `train` in fold 1" in text


def test_the_card_names_the_smallest_class(trained: Trained, corpus_samples: Samples) -> None:
    target = corpus_samples.target
    few = corpus_samples.take(np.r_[np.flatnonzero(target == 0)[:2], np.flatnonzero(target > 0)])
    assert "The rarest class had 2 training rows." in model_card(replace(trained, temperatures={}), {}, few)


def test_the_card_lies_beside_the_model(run_folder: Path) -> None:
    text = (run_folder / "model" / "README.md").read_text()
    assert text.startswith("---\nlibrary_name: heterophony")
    assert "Tones and noise." in text
