"""From the words of a recipe to its parts."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from heterophony.augment import AUGMENTATIONS, CutMix, Masking, Mixup, ModalityDropout, Noise, augmented
from heterophony.batches import Batch
from heterophony.losses import LOSSES, CrossEntropy, Hierarchical, SupervisedContrastive, Total
from heterophony.models import MODELS, Hatr, Mlp, OnPriors
from heterophony.recipes.build import build_augmentation, build_loss, build_model, build_settings
from heterophony.recipes.load import as_recipe
from heterophony.recipes.priors import PRIORS
from heterophony.recipes.spec import Recipe
from heterophony.taxonomy import BST, TAU
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


def scenes(model: dict[str, object], **keys: object) -> Recipe:
    """A recipe with sound and pictures."""
    modalities = {"sound": {"encoder": "yamnet"}, "pictures": {"encoder": "efficientnet-lite0"}}
    return as_recipe({"name": "x", "modalities": modalities, "model": model, **keys})


def test_plain_networks_have_the_layers_of_the_recipe() -> None:
    dims = {"sound": 512, "pictures": 512}
    network = build_model(scenes({"name": "mlp", "hidden": [512, 128, 64], "norm": True}), dims, TAU)
    assert isinstance(network, Mlp)
    assert network.norms is not None
    assert [layer.out_features for layer in network.layers] == [512, 128, 64]
    linear = build_model(scenes({"name": "mlp", "hidden": []}), dims, TAU)
    assert sum(p.numel() for p in linear.parameters()) == 1024 * 10 + 10
    with pytest.raises(ValidationError, match="greater than 0"):
        scenes({"name": "mlp", "hidden": [0]})


@pytest.mark.parametrize(
    ("name", "dims", "count"),
    [
        ("official-baseline", {"sound": 512, "pictures": 512}, 711_454),
        ("recurrent-fusion", {"sound": 768, "pictures": 2880}, 272_704 + 1_290 + 650),
    ],
)
def test_baselines_of_scenes_are_named_alone(name: str, dims: dict[str, int], count: int) -> None:
    network = build_model(scenes({"name": name}), dims, TAU)
    assert isinstance(network, MODELS[name])
    assert sum(p.numel() for p in network.parameters()) == count
    with pytest.raises(
        ValidationError, match=f"model {name} takes no priors: leave them out; no the hierarchical loss"
    ):
        scenes(
            {"name": name},
            priors={"a": {"kind": "linear", "of": "sound"}},
            loss={"name": "hierarchical", "top_weight": 0.5},
        )


def test_recurrent_fusion_reads_sound_and_pictures() -> None:
    with pytest.raises(ValidationError, match="takes no modalities sound: it reads sound and pictures"):
        scenes({"name": "recurrent-fusion"}, modalities={"sound": {"encoder": "yamnet"}})


def test_priors_are_put_under_the_network() -> None:
    network = build_model(recipe(priors={"a": {"kind": "tfidf"}, "b": {"kind": "linear", "of": "sound"}}), DIMS, BST)
    assert isinstance(network, OnPriors)
    assert network.of == {"a": "words", "b": "sound"}


@pytest.fixture
def train() -> Batch:
    """Nine rows of three classes (5, 3, 1 rows), all with sound and words."""
    rows = torch.tensor([0] * 5 + [1] * 3 + [2])
    generator = torch.Generator().manual_seed(0)
    return Batch(
        inputs={name: torch.randn(9, dim, generator=generator) for name, dim in DIMS.items()},
        present=torch.ones(9, 2, dtype=torch.bool),
        target=torch.nn.functional.one_hot(rows, 23).float(),
        weight=torch.ones(9),
    )


def test_losses_get_their_numbers(train: Batch) -> None:
    plain = build_loss(recipe(loss={"name": "cross-entropy", "label_smoothing": 0.1}).loss, BST, train)
    assert isinstance(plain, CrossEntropy)
    assert plain.label_smoothing == 0.1
    assert plain.class_weight is None
    tree = build_loss(recipe(loss={"name": "hierarchical", "top_weight": 0.7}).loss, BST, train)
    assert isinstance(tree, Hierarchical)
    assert tree.top_weight == 0.7
    assert torch.equal(tree.membership, torch.from_numpy(BST.membership))


def test_classes_are_weighted_by_the_rows_of_the_training_part(train: Batch) -> None:
    loss = {"name": "cross-entropy", "class_weights": {"method": "inverse"}}
    built = build_loss(recipe(loss=loss).loss, BST, train)
    assert isinstance(built, CrossEntropy)
    assert built.class_weight is not None
    np.testing.assert_allclose(built.class_weight[:3] / built.class_weight[2], [1 / 5, 1 / 3, 1], rtol=1e-6)


def test_a_sum_of_losses_has_its_terms_and_the_heads_that_they_need(train: Batch) -> None:
    terms = [
        {"loss": {"name": "hierarchical", "top_weight": 0.7}},
        {"weight": 0.2, "loss": {"name": "contrastive", "tau": 0.3, "level": "class"}},
    ]
    summed = recipe(loss={"name": "total", "terms": terms})
    built = build_loss(summed.loss, BST, train)
    assert isinstance(built, Total)
    (one, tree), (fifth, contrast) = built.terms
    assert (one, fifth) == (1.0, 0.2)
    assert isinstance(tree, Hierarchical)
    assert isinstance(contrast, SupervisedContrastive)
    assert (contrast.tau, contrast.level) == (0.3, "class")
    network = build_model(summed, DIMS, BST)
    assert isinstance(network, Hatr)
    assert network.top_head is not None
    output = network.eval()(train)
    expected = tree(output, train.target, train.weight) + 0.2 * contrast(output, train.target, train.weight)
    torch.testing.assert_close(built(output, train.target, train.weight), expected)


def test_augmentations_get_their_numbers(train: Batch) -> None:
    specs = [
        {"name": "noise", "sigma": 0.5},
        {"name": "masking", "max_fraction": 0.2},
        {"name": "modality-dropout", "probability": 0.1},
        {"name": "mixup", "alpha": 0.2, "per": "sample"},
        {"name": "mixup", "ratio": 0.4, "fraction": 0.2, "partner": "other"},
        {"name": "cutmix", "alpha": 0.3, "labels": "realised"},
    ]
    built = [build_augmentation(spec, train) for spec in recipe(augment=specs).augment]
    assert built == [
        Noise(sigma=0.5),
        Masking(max_fraction=0.2),
        ModalityDropout(probability=0.1),
        Mixup(alpha=0.2, per="sample"),
        Mixup(ratio=0.4, fraction=0.2, partner="other"),
        CutMix(alpha=0.3, labels="realised"),
    ]


@pytest.mark.parametrize("wrong", [{}, {"alpha": 0.2, "ratio": 0.4}])
def test_mixup_has_a_law_or_a_ratio(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="mixup: give alpha or ratio, one of them"):
        recipe(augment=[{"name": "mixup", **wrong}])


def test_a_swap_gives_words_of_training_rows_of_the_class(train: Batch) -> None:
    (spec,) = recipe(augment=[{"name": "cross-modal-swap", "probability": 1.0}]).augment
    swapped = augmented(train, build_augmentation(spec, train), torch.Generator().manual_seed(1))
    for row, label in enumerate(train.target.argmax(dim=1).tolist()):
        mates = train.inputs["words"][train.target[:, label] == 1]
        assert (mates == swapped.inputs["words"][row]).all(dim=1).any()
    assert torch.equal(swapped.inputs["sound"], train.inputs["sound"])


def test_what_is_swapped_must_be_a_modality_of_the_recipe() -> None:
    with pytest.raises(ValidationError, match="swaps pictures, but the modalities are sound, words"):
        recipe(augment=[{"name": "cross-modal-swap", "probability": 0.3, "modality": "pictures"}])


def test_the_numbers_of_the_loop_are_those_of_the_recipe_and_its_defaults_those_of_the_loop() -> None:
    assert build_settings(recipe().fit) == FitSettings()
    assert build_settings(recipe(fit={"epochs": 3, "lr": 0.5}).fit) == FitSettings(epochs=3, lr=0.5)
    assert build_settings(recipe(fit={"epochs": 3}).fit, epochs=9) == FitSettings(epochs=9, span=3)


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


def test_soft_targets_count_towards_the_classes_by_their_sums() -> None:
    """Twenty halves and a quarter of a row: 10 + 10 rows, and a class with less than half a row counts as none."""
    target = torch.zeros(21, 23)
    target[:20, :2] = 0.5
    target[20, :3] = torch.tensor([0.5, 0.25, 0.25])
    soft = Batch(inputs={}, present=torch.ones(21, 0, dtype=torch.bool), target=target, weight=torch.ones(21))
    loss = recipe(loss={"name": "cross-entropy", "class_weights": {"method": "inverse"}}).loss
    built = build_loss(loss, BST, soft)
    assert isinstance(built, CrossEntropy)
    assert built.class_weight is not None
    assert built.class_weight.tolist() == [1.0] * 23
