"""Every row of the joint modelling paper and of the scene baselines: what was measured, and what its recipe differs in.

Restated from the paper's Tables 1 to 3 and from audio_visual.md B to E, and compared with the recipes in the package.
"""

import json
from typing import Any
from unittest.mock import MagicMock

import pytest
import torch
from torch import nn

from heterophony.encoders.trainable import network_of, trainable_encoder
from heterophony.models import Joint
from heterophony.models.decoded_rows import Rows
from heterophony.recipes.build import build_groups, build_model, build_settings
from heterophony.recipes.catalogue import preset_names
from heterophony.recipes.complexity import random_batch, task_of
from heterophony.recipes.differences import ABSENT, differences
from heterophony.recipes.fold import train_member
from heterophony.recipes.load import load_any, load_recipe
from heterophony.recipes.spec import Recipe
from heterophony.recipes.stages import part_of
from heterophony.taxonomy import TAU
from heterophony.training import learning_rate
from heterophony.training.groups import group_of, refuse_groups_without_parameters

BEST = "joint/table1/fcnn-densenet161-fine-av"
DIMS = {
    "fcnn": 512,
    "fcnn-small": 512,
    "vggish": 128,
    "se-conv": 128,
    "se-conv+sequence": 768,
    "openl3-env": 512,
    "vgg19": 4096,
    "resnet50-places365": 2048,
    "resnest50": 2048,
    "densenet161-places365": 2208,
    "efficientnet-lite0": 1280,
    "vgg16-bigru": 64,
    "vgg16-bigru+sequence": 2880,
    "given": 512,
}

# Row: accuracy, encoders of sound and pictures, Fine_A, Fine_V.
FUSED = {
    "fcnn-vgg19": (87.4, "vgg19", False, False),
    "fcnn-resnet50": (91.6, "resnet50-places365", False, False),
    "fcnn-resnest50": (92.2, "resnest50", False, False),
    "fcnn-densenet161": (92.5, "densenet161-places365", False, False),
    "fcnn-densenet161-fine-a": (93.1, "densenet161-places365", True, False),
    "fcnn-densenet161-fine-v": (92.9, "densenet161-places365", False, True),
    "fcnn-densenet161-fine-av": (93.2, "densenet161-places365", True, True),
}
ALONE = {
    "vggish": (59.3, "sound", "vggish", "published"),
    "fcnn": (75.2, "sound", "fcnn", "scratch"),
    "vgg19-scratch": (76.2, "pictures", "vgg19", "scratch"),
    "vgg19": (80.3, "pictures", "vgg19", None),
}
OPERATIONS = {
    "translate-x": 92.6,
    "translate-y": 92.6,
    "solarize": 90.4,
    "shear-x": 91.5,
    "shear-y": 91.0,
    "sharpness": 93.3,
    "rotate": 92.0,
    "posterize": 88.5,
    "invert": 91.3,
    "equalize": 92.7,
    "cutout": 91.5,
    "contrast": 93.5,
    "color": 92.3,
    "brightness": 92.0,
    "autocontrast": 93.2,
}


def rand_augment(operations: list[str], n: int, probability: float) -> dict[str, Any]:
    numbers = {"n": n, "magnitude": 14.0, "scale": "m30", "probability": probability, "frames": "same"}
    return {"joint.branches.pictures.augment": [{"name": "rand-augment", "operations": operations, **numbers}]}


def mixup(fraction: float) -> dict[str, Any]:
    mix = {"name": "mixup", "alpha": None, "ratio": 0.4, "per": "batch", "weights": "own"}
    return {"augment": [{**mix, "fraction": fraction, "partner": "other"}]}


VIDEO = rand_augment(["sharpness", "contrast", "identity"], 2, 1.0)
AUDIO = {
    "joint.branches.sound.augment": [
        {
            "name": "one-of",
            "of": [
                {"name": "pitch-shift", "semitones": 4.0, "probability": 1.0},
                {"name": "speed-change", "low": 0.5, "high": 2.0, "pitch": "kept", "probability": 1.0},
                {"name": "additive-noise", "sigma": 0.01, "probability": 1.0},
                {"name": "same-class-mix", "low": 0.5, "high": 1.0, "probability": 1.0},
            ],
            "none": True,
        },
        {"name": "spec-augment", "share": 0.1, "level": "batch", "per_channel": False, "fill": "zero"},
        {"name": "channel-confusion", "probability": 0.5},
    ]
}
TABLE3 = {
    "audio": (93.4, AUDIO),
    "video": (93.7, VIDEO),
    "both": (93.9, AUDIO | VIDEO),
    "mixup-20": (94.2, AUDIO | VIDEO | mixup(0.2)),
    "mixup-50": (93.8, AUDIO | VIDEO | mixup(0.5)),
    "mixup-100": (94.0, AUDIO | VIDEO | mixup(1.0)),
}
OTHERS = {
    "scene-extractors/se-conv": (68.4, 0.962),
    "scene-extractors/vgg16-bigru": (86.2, 0.720),
    "scene-extractors/recurrent-fusion": (88.3, 0.688),
    "tau/official-baseline/fused": (77.0, 0.658),
    "tau/official-baseline/early": (77.5, 0.963),
    "tau/official-baseline/sound": (65.1, 1.048),
    "tau/official-baseline/pictures": (64.9, 1.648),
}
EXTRACTORS = [name for name in OTHERS if name.startswith("scene-extractors/")]
ROWS = [name for name in preset_names() if name.startswith(("joint/", "scene-extractors/", "tau/official-baseline/"))]


def told(name: str, baseline: str) -> dict[str, Any]:
    """The keys of a recipe that differ from another's, as it has them."""
    pairs = differences(load_recipe(name), load_recipe(baseline))
    return {key: mine if mine == ABSENT else json.loads(mine) for key, mine, _ in pairs}


@pytest.mark.parametrize("name", FUSED)
def test_table_1_rows_of_both_differ_in_encoder_and_in_what_is_trained_on(name: str) -> None:
    accuracy, pictures, fine_a, fine_v = FUSED[name]
    want: dict[str, Any] = {}
    if pictures != "densenet161-places365":
        want["modalities.pictures.encoder"] = pictures
    want |= {
        f"joint.branches.{key}.frozen": True for key, fine in (("sound", fine_a), ("pictures", fine_v)) if not fine
    }
    assert told(f"joint/table1/{name}", BEST) == want
    assert load_recipe(f"joint/table1/{name}").published.accuracy == accuracy


@pytest.mark.parametrize("name", ALONE)
def test_table_1_rows_of_one_modality_have_one_encoder_and_a_linear_head(name: str) -> None:
    accuracy, modality, encoder, start = ALONE[name]
    recipe = load_recipe(f"joint/table1/{name}")
    assert {key: one.encoder for key, one in recipe.modalities.items()} == {modality: encoder}
    network = build_model(recipe, {modality: DIMS[encoder]}, TAU)
    assert sum(weight.numel() for weight in network.parameters()) == DIMS[encoder] * 10 + 10
    branches = recipe.joint.branches if recipe.joint else {}
    assert {key: branch.start for key, branch in branches.items()} == ({} if start is None else {modality: start})
    assert not any(branch.frozen or branch.augment for branch in branches.values())
    assert (recipe.augment, recipe.stages, recipe.published.accuracy) == ((), (), accuracy)


def test_fcnn_alone_is_the_first_stage_of_the_rows_with_it() -> None:
    alone, both = load_recipe("joint/table1/fcnn"), load_recipe("joint/fusion")
    (stage,) = both.stages
    assert (stage.of, stage.augment) == ("sound", ())
    assert stage.fit == alone.fit


def test_numbers_of_the_paper_are_in_what_all_share() -> None:
    recipe = load_recipe("joint/fusion")
    assert recipe.joint is not None
    assert {key: branch.lr for key, branch in recipe.joint.branches.items()} == {"sound": 1e-5, "pictures": 1e-5}
    assert (recipe.fit.batch, recipe.fit.weight_decay, recipe.fit.optimiser) == (32, 1e-5, "adam")
    assert (recipe.split.kind, recipe.taxonomy, recipe.augment) == ("given", "tau", ())
    assert recipe.rows.segments is not None
    assert (recipe.rows.segments.seconds, recipe.rows.segments.count, recipe.rows.segments.train) == (1.0, 10, "all")


@pytest.mark.parametrize("name", OPERATIONS)
def test_table_2_rows_are_one_operation_on_every_second_one(name: str) -> None:
    assert told(f"joint/table2/{name}", BEST) == rand_augment([name], 1, 0.5)
    assert load_recipe(f"joint/table2/{name}").published.accuracy == OPERATIONS[name]


@pytest.mark.parametrize("name", TABLE3)
def test_table_3_rows_are_what_its_columns_say(name: str) -> None:
    accuracy, keys = TABLE3[name]
    assert told(f"joint/table3/{name}", BEST) == keys
    assert load_recipe(f"joint/table3/{name}").published.accuracy == accuracy


@pytest.mark.parametrize("name", OTHERS)
def test_baselines_have_their_published_numbers(name: str) -> None:
    published = load_recipe(name).published
    assert (published.accuracy, published.log_loss) == OTHERS[name]


def test_there_are_no_other_rows_than_these() -> None:
    named = {f"joint/table1/{name}" for name in (*FUSED, *ALONE)} | {f"joint/table2/{name}" for name in OPERATIONS}
    named |= {f"joint/table3/{name}" for name in TABLE3} | set(OTHERS)
    ours = {name for name in ROWS if name.startswith("joint/more/")}
    assert set(ROWS) - named - ours == {"joint/fusion"}
    assert all(load_any(name).published.accuracy is None for name in (*ours, "joint/fusion"))


@pytest.mark.parametrize("name", ROWS)
def test_a_baseline_is_a_recipe_of_the_same_tables(name: str) -> None:
    baseline = load_any(name).baseline
    assert baseline in {"", *ROWS}
    wanted = {"joint/table2": BEST, "joint/table3": BEST}
    assert baseline == wanted.get(name.rpartition("/")[0], baseline)


def test_other_readings_differ_in_one_thing_each() -> None:
    final = "joint/table3/mixup-20"
    assert told("joint/more/mixup-20-embedding", final) == {"joint.level": "embedding"}
    (change,) = told("joint/more/video-torchvision", final).values()
    assert change == [{**VIDEO["joint.branches.pictures.augment"][0], "scale": "torchvision"}]
    small = {"modalities.sound.encoder": "fcnn-small", "modalities.pictures.encoder": "efficientnet-lite0"}
    assert told("joint/more/small", final) == small
    fit = load_recipe("joint/more/fcnn-sgd").fit
    rates = [learning_rate(build_settings(fit), epoch) for epoch in (1, 2, 3, 7, 15)]
    assert rates == pytest.approx([0.1, (0.1 + 1e-5) / 2, 0.1, 0.1, 0.1])  # audio_visual.md C.2
    assert fit.epochs == 2 + 4 + 8 + 16


def dims_of(recipe: Recipe) -> dict[str, int]:
    return {key: DIMS[one.encoder] for key, one in recipe.modalities.items()}


def whole(recipe: Recipe) -> nn.Module:
    """The network of a recipe, encoders before it where they are trained."""
    with torch.device("meta"):
        head = build_model(recipe, dims_of(recipe), TAU)
        if recipe.joint is None:
            return head
        names = {key: recipe.modalities[key].encoder for key in recipe.joint.branches}
        encoders = {key: network_of(trainable_encoder(name, "scratch"), "scratch") for key, name in names.items()}
    rows = {key: MagicMock(spec=Rows, dim=DIMS[name]) for key, name in names.items()}
    return Joint(encoders, head, rows)


@pytest.mark.parametrize("name", ["tau/official-baseline/fused", *EXTRACTORS])
def test_every_group_of_every_stage_is_a_part_of_what_the_stage_trains(name: str) -> None:
    recipe = load_recipe(name)
    network = whole(recipe)
    assert any(fit.groups for fit in (recipe.fit, *(stage.fit for stage in recipe.stages))) == (name != EXTRACTORS[0])
    for stage in recipe.stages:
        part = part_of(network, stage.of, 10) if stage.of else network
        refuse_groups_without_parameters(part, build_groups(stage.fit.groups))
    refuse_groups_without_parameters(network, build_groups(recipe.fit.groups))


def test_the_recurrent_fusion_first_trains_as_many_parameters_as_published() -> None:
    recipe = load_recipe("scene-extractors/recurrent-fusion")
    network, groups = whole(recipe), build_groups(recipe.stages[3].fit.groups)
    assert [stage.of for stage in recipe.stages] == ["sound", "pictures", "pictures", ""]
    moving = [weight for name, weight in network.named_parameters() if group_of(name, groups) is None]
    assert all(group.still for group in groups)
    assert sum(weight.numel() for weight in moving) == 272_704


@pytest.mark.parametrize(
    ("name", "count"),
    [
        (BEST, 12_343_084 + 26_472_000 + 1_469_130),
        ("joint/table3/mixup-20", 12_343_084 + 26_472_000 + 1_469_130),
        ("joint/table1/fcnn", 12_343_084 + 5_130),
        ("joint/table1/vgg19-scratch", 139_570_240 + 40_970),
        ("scene-extractors/se-conv", 321_930),
        ("scene-extractors/vgg16-bigru", 14_820_170),
        ("scene-extractors/recurrent-fusion", 321_930 + 14_820_170 + 272_704),
        ("tau/official-baseline/fused", 711_454),
        ("tau/official-baseline/sound", 338_634),
    ],
)
def test_networks_have_the_published_numbers_of_parameters(name: str, count: int) -> None:
    assert sum(weight.numel() for weight in whole(load_recipe(name)).parameters()) == count


def test_the_official_baseline_leaves_its_networks_as_their_stages_made_them() -> None:
    recipe = load_recipe("tau/official-baseline/fused")
    stages = tuple(
        stage.model_copy(update={"fit": stage.fit.model_copy(update={"epochs": 1})}) for stage in recipe.stages
    )
    states = []
    for epochs in (1, 2):
        fit = recipe.fit.model_copy(update={"epochs": epochs})
        task = task_of(recipe.model_copy(update={"stages": stages, "fit": fit}), {"sound": 6, "pictures": 4}, 10)
        train = random_batch(task, 128, torch.Generator().manual_seed(0))
        network, history = train_member(task, train, None, 1, [], None)
        assert len(history.rows) == epochs
        states.append(network.state_dict())
    moved = {name.split(".")[0] for name, x in states[0].items() if not torch.equal(x, states[1][name])}
    assert moved == {"fuse", "head"}
