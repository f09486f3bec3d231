"""A prior that enters as a modality, from the recipe to the saved model and what it says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from heterophony.errors import ConfigError
from heterophony.models import OnPriors, PriorsAsModalities
from heterophony.recipes.build import build_model
from heterophony.recipes.cross_validate import make_split, run_fold
from heterophony.recipes.fold import Task
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.model_folder import load_model, save_model
from heterophony.recipes.samples import Samples
from heterophony.recipes.trained import Trained


@pytest.fixture
def reading(task: Task) -> Task:
    """The tiny task: the words prior is a modality, the sound prior is added, and the definitions are read as well."""
    recipe = task.recipe.model_dump(mode="json")
    recipe["priors"]["words-prior"]["enters"] = "modality"
    recipe["priors"]["definitions"] = {"kind": "prototypes", "enters": "modality"}
    recipe["augment"].append({"name": "mixup", "alpha": 0.4})
    return replace(task, recipe=as_recipe(recipe))


@pytest.fixture
def fitted(reading: Task, corpus_samples: Samples) -> Trained:
    split = make_split(reading.recipe.split, corpus_samples, [None] * len(corpus_samples))
    return run_fold(reading, corpus_samples, split, 1)[1]


def test_the_network_reads_and_adds_what_the_recipe_says(reading: Task) -> None:
    model = build_model(reading.recipe, reading.dims, reading.taxonomy)
    assert isinstance(model, OnPriors)
    assert isinstance(model.network, PriorsAsModalities)
    assert model.of == {"sound-prior": "sound"}
    assert model.network.of == {"words-prior": "words", "definitions": "words"}
    assert model.network.network.modalities == ("sound", "words", "words-prior", "definitions")
    assert model.network.network.encoders["words-prior"].input_norm.num_features == reading.taxonomy.n_classes


def test_what_is_left_out_takes_its_priors_with_it(fitted: Trained, corpus_samples: Samples) -> None:
    """From sound alone, words may be anything: neither they nor their priors are heard."""
    both = corpus_samples.take(np.flatnonzero(np.all(list(corpus_samples.present.values()), axis=0)))
    other = replace(
        both,
        texts=("rain hiss static",) * len(both),
        vectors={**both.vectors, "words": both.vectors["words"][::-1].copy()},
    )
    for some, same in ((("sound",), True), (("sound", "words"), False)):
        one, two = (fitted.say(fitted.table(rows), some).logits for rows in (both, other))
        assert np.array_equal(one, two) == same


def test_attention_is_told_for_the_modalities_only(fitted: Trained, corpus_samples: Samples) -> None:
    attention = fitted.say(fitted.table(corpus_samples)).attention
    assert list(attention) == ["sound", "words"]
    np.testing.assert_allclose(attention["sound"] + attention["words"], 1, rtol=1e-5)
    assert not attention["words"][~corpus_samples.present["words"]].any()


def test_a_saved_model_says_the_same_and_needs_no_definitions(
    fitted: Trained, corpus_samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(fitted, tmp_path / "m", "card")
    monkeypatch.setattr("heterophony.recipes.prototypes.loaded", None)
    again = load_model(str(tmp_path / "m"))
    table = again.table(corpus_samples)
    assert set(table.priors) == {"sound-prior", "words-prior", "definitions"}
    np.testing.assert_allclose(
        again.say(table).logits, fitted.say(fitted.table(corpus_samples)).logits, rtol=1e-5, atol=1e-6
    )


def test_training_rows_are_told_out_of_fold(reading: Task, corpus_samples: Samples) -> None:
    """What the network reads in training is not what the fitted prior says of the same rows; of others it is."""
    from heterophony.recipes.fold import prepared

    priors, ready = prepared(reading, corpus_samples, 3)
    fitted = Trained(
        recipe=reading.recipe, taxonomy=reading.taxonomy, dims=reading.dims, members=[], priors=priors, temperatures={}
    )
    again = fitted.table(corpus_samples).priors
    rows = torch.arange(len(corpus_samples))[torch.from_numpy(corpus_samples.present["words"])]
    assert not torch.allclose(ready.priors["words-prior"][rows], again["words-prior"][rows])
    assert torch.equal(ready.priors["definitions"][rows], again["definitions"][rows])


@pytest.mark.parametrize("name", ["words", "words.prior"])
def test_a_prior_needs_a_name_of_its_own_to_be_a_modality(name: str, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(
        "name: r\nmodalities: {words: {encoder: minilm}}\n"
        f"priors: {{'{name}': {{kind: tfidf, enters: modality}}}}\n"
    )
    with pytest.raises(ConfigError, match=f"priors.{name} enters as a modality: it needs a name of its own"):
        load_recipe(str(path))
