"""From the words of a recipe to its parts."""

import pytest
import torch

from heterophony.augment import AUGMENTATIONS, Masking, ModalityDropout, Noise
from heterophony.losses import LOSSES, CrossEntropy, Hierarchical
from heterophony.models import MODELS, Hatr, OnPriors
from heterophony.recipes.build import build_augmentation, build_loss, build_model, build_settings
from heterophony.recipes.load import as_recipe
from heterophony.recipes.priors import PRIORS
from heterophony.recipes.spec import Recipe
from heterophony.taxonomy import BST
from heterophony.training import FitSettings

DIMS = {"sound": 8, "words": 6}


def recipe(**keys: object) -> Recipe:
    modalities = {"sound": {"encoder": "yamnet"}, "words": {"encoder": "minilm"}}
    return as_recipe({"name": "x", "modalities": modalities, "model": {"dim": 16, "hidden": 12}, **keys})


def test_the_network_has_the_sizes_of_the_recipe_and_the_heads_of_the_tree() -> None:
    network = build_model(recipe(), DIMS, BST)
    assert isinstance(network, Hatr)
    assert network.encoders["sound"].enter[0].weight.shape == (12, 8)
    assert network.class_head[-1].out_features == 23
    assert network.top_head is None


def test_a_hierarchical_loss_brings_a_head_for_the_tops() -> None:
    network = build_model(recipe(loss={"name": "hierarchical", "top_weight": 0.5}), DIMS, BST)
    assert isinstance(network, Hatr)
    assert network.top_head is not None
    assert network.top_head.out_features == 5


def test_priors_are_put_under_the_network() -> None:
    network = build_model(recipe(priors={"a": {"kind": "tfidf"}, "b": {"kind": "linear", "of": "sound"}}), DIMS, BST)
    assert isinstance(network, OnPriors)
    assert network.of == {"a": "words", "b": "sound"}


def test_losses_get_their_numbers() -> None:
    plain = build_loss(recipe(loss={"name": "cross-entropy", "label_smoothing": 0.1}).loss, BST)
    assert isinstance(plain, CrossEntropy)
    assert plain.label_smoothing == 0.1
    tree = build_loss(recipe(loss={"name": "hierarchical", "top_weight": 0.7}).loss, BST)
    assert isinstance(tree, Hierarchical)
    assert tree.top_weight == 0.7
    assert torch.equal(tree.membership, torch.from_numpy(BST.membership))


def test_augmentations_get_their_numbers() -> None:
    specs = [
        {"name": "noise", "sigma": 0.5},
        {"name": "masking", "max_fraction": 0.2},
        {"name": "modality-dropout", "probability": 0.1},
    ]
    built = [build_augmentation(spec) for spec in recipe(augment=specs).augment]
    assert built == [Noise(sigma=0.5), Masking(max_fraction=0.2), ModalityDropout(probability=0.1)]


def test_the_numbers_of_the_loop_are_those_of_the_recipe_and_its_defaults_those_of_the_loop() -> None:
    assert build_settings(recipe().fit) == FitSettings()
    assert build_settings(recipe(fit={"epochs": 3, "lr": 0.5}).fit) == FitSettings(epochs=3, lr=0.5)
    assert build_settings(recipe(fit={"epochs": 3}).fit, epochs=9) == FitSettings(epochs=9)


@pytest.mark.parametrize(
    ("key", "table"),
    [("loss", LOSSES), ("augment", AUGMENTATIONS), ("priors", PRIORS), ("model", MODELS)],
)
def test_a_recipe_can_name_every_part_of_a_table_and_no_other(key: str, table: dict[str, object]) -> None:
    """The union of specs and the name table agree."""
    schema = Recipe.model_json_schema()
    tag = "kind" if key == "priors" else "name"
    used = str(schema["properties"][key])
    specs = [one for name, one in schema["$defs"].items() if f"/{name}'" in used and tag in one.get("properties", {})]
    assert {spec["properties"][tag]["const"] for spec in specs} == set(table)
