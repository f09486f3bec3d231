"""Every row of the audio-text report: what was measured, and in which keys its recipe differs from the baseline.

Restated from the report's tables and from audio_text.md section 4, and compared with the recipes in the package.
"""

import json
from typing import Any

import pytest
import torch

from heterophony.recipes.build import build_model
from heterophony.recipes.catalogue import preset_names
from heterophony.recipes.differences import ABSENT, differences
from heterophony.recipes.load import load_any, load_recipe
from heterophony.recipes.spec import EnsembleRecipe
from heterophony.taxonomy import BST

Keys = dict[str, Any]
Pair = tuple[float, float | None]

# What a row's name says, as keys of a recipe.
NO_WORDS: Keys = {"modalities.words.encoder": ABSENT, "modalities.words.features": ABSENT}
NO_SMOOTHING: Keys = {"loss.label_smoothing": 0.0}
LINEAR: Keys = {"weighting.confidence": "linear"}
CLASS_WEIGHTS: Keys = {
    "loss.class_weights": ABSENT,
    "loss.class_weights.method": "inverse_sqrt",
    "loss.class_weights.beta": 0.999,
}
WHISPER_TOO: Keys = {"modalities.speech.encoder": "whisper-base-padded", "modalities.speech.features": ""}
NOISE, MASKING = {"name": "noise", "sigma": 1e-4}, {"name": "masking", "max_fraction": 0.7}
NOISE_0_001 = {"name": "noise", "sigma": 0.001}
ORDINARY = {"name": "cross-entropy", "label_smoothing": 0.0, "class_weights": None}


def hears(encoder: str) -> Keys:
    return {"modalities.sound.encoder": encoder, "modalities.sound.features": ""}


def top(weight: float) -> Keys:
    return {"loss.name": "hierarchical", "loss.top_weight": weight}


def contrast(weight: float) -> Keys:
    """On the tops, tau 0.5, beside cross entropy without label smoothing."""
    term = {"name": "contrastive", "tau": 0.5, "level": "top"}
    terms = [{"weight": 1.0, "loss": ORDINARY}, {"weight": weight, "loss": term}]
    return {
        "loss.name": "total",
        "loss.terms": terms,
        "loss.label_smoothing": ABSENT,
        "loss.class_weights": ABSENT,
    }


def mixup(alpha: float) -> Keys:
    mix = {"name": "mixup", "alpha": alpha, "ratio": None, "per": "batch", "weights": "own"}
    mix |= {"fraction": 1.0, "partner": "any"}
    return {"augment": [NOISE, MASKING, mix]}


def swap(probability: float) -> dict[str, Any]:
    return {"name": "cross-modal-swap", "probability": probability, "modality": "words"}


def more(name: str, **says: Any) -> Keys:
    keys = {"labels": "", "classes": [], "words": None, "equalise": None, "factor": 1.0, "weight": 1.0, "copies": False}
    keys |= says
    return {f"extra.{name}.{key}": value for key, value in keys.items()}


def outside(**says: Any) -> Keys:
    return mixup(0.2) | more("ESC-50", labels="ESC-50", **says) | more("FSD50K", labels="FSD50K", **says)


WEAK = ["sp-c", "ss-i"]
CUTMIX = [NOISE, MASKING, {"name": "cutmix", "alpha": 0.2, "labels": "drawn", "weights": "own"}]
COMBINED = [swap(0.2), NOISE_0_001, MASKING, mixup(0.2)["augment"][2]]

# Recipe without "bst/": (keys that differ from the baseline's, multimodal, audio-only), as the tables print them.
TABLES: dict[str, tuple[Keys, Pair | None, Pair | None]] = {
    "table1/clap": ({}, (79.01, 0.54), (75.30, 1.14)),
    "table1/convnext": (hears("convnext-tiny-audioset"), (78.17, 0.60), (73.03, 0.39)),
    "table1/matpac": (hears("matpac") | NO_SMOOTHING, (77.63, 0.36), None),
    "table1/beats": (hears("beats"), (77.38, 1.24), (70.38, 0.88)),
    "table1/whisper": (hears("whisper-base-padded"), (77.49, 0.41), (64.97, 0.96)),
    "table1/three-modalities-mixup-0.2": (WHISPER_TOO | mixup(0.2), (78.83, 1.14), None),
    "table2/hloss-0.3": (top(0.3), (78.59, 0.81), (75.98, 0.78)),
    "table2/hloss-0.7": (top(0.7), (78.50, 0.38), (76.05, 1.10)),
    "table2/hloss-1.0": (top(1.0), (77.76, 1.11), (75.63, 0.74)),
    "table2/hloss-1.5": (top(1.5), (78.28, 0.45), (75.22, 1.03)),
    "table2/contrastive-0.2": (contrast(0.2), (78.52, 0.37), None),
    "table2/contrastive-0.5": (contrast(0.5), (78.42, 0.69), None),
    "table2/contrastive-1.0": (contrast(1.0), (77.92, 0.51), None),
    "table3/class-weights": (CLASS_WEIGHTS, (78.42, 0.32), (75.28, 0.41)),
    "table3/confidence-linear": (LINEAR, (79.06, 0.65), (76.52, 0.52)),
    "table3/confidence-shifted": ({"weighting.confidence": "shifted"}, (78.99, 0.40), (76.18, 0.57)),
    "table3/confidence-binary": ({"weighting.confidence": "binary"}, (78.66, 1.12), (75.61, 1.14)),
    "table3/combination": (CLASS_WEIGHTS | LINEAR, (78.77, 0.42), (76.16, 0.59)),
    "table4/swap-noise": (NO_SMOOTHING | {"augment": [swap(0.3), NOISE_0_001, MASKING]}, (79.13, 0.49), None),
    "table4/mixup-0.1": (mixup(0.1), (78.72, 0.73), (76.04, 0.58)),
    "table4/mixup-0.2": (mixup(0.2), (79.11, 0.63), (75.60, 0.53)),
    "table4/mixup-0.3": (mixup(0.3), (78.35, 1.17), (76.11, 0.69)),
    "table4/mixup-0.4": (mixup(0.4), (78.71, 0.42), (75.73, 0.85)),
    "table4/cutmix-0.2": ({"augment": CUTMIX}, (78.70, 1.20), None),
    "table4/combined": ({"loss.label_smoothing": 0.1, "augment": COMBINED}, (78.80, 0.81), None),
    "table5/external-weak-leak": (outside(classes=WEAK, words="phrase"), (78.78, 0.37), None),
    "table5/external-weighted-leak": (outside(weight=0.3, words="phrase"), (78.12, 0.47), None),
    "table5/external-all-leak": (outside(words="phrase"), (77.99, 0.72), None),
    "table5/bsd35k-median": (more("BSD35k-CS", equalise="median"), (78.63, 0.67), None),
    "table5/bsd35k-max": (more("BSD35k-CS", equalise="max"), (76.90, 0.94), None),
    "table7/single": (NO_SMOOTHING | {"augment": [swap(0.3), NOISE_0_001, MASKING]}, (79.13, 0.49), None),
    "table7/three-modalities-mixup": (WHISPER_TOO | mixup(0.2), (78.83, 1.14), None),
}
# Runs that the tables leave out: (keys, multimodal, audio-only) as their published predictions give them.
UNREPORTED: dict[str, tuple[Keys, Pair | None, Pair | None]] = {
    "table1/clap-rerun": (NO_SMOOTHING, (78.63, 1.00), (75.50, 0.72)),
    "more/hloss-0.5": (top(0.5), (77.95, None), (75.67, None)),
    "more/three-modalities": (WHISPER_TOO, (78.40, 1.14), None),
    "more/three-modalities-hloss-0.7": (WHISPER_TOO | top(0.7), (78.44, 0.27), None),
    "more/three-modalities-bsd35k": (WHISPER_TOO | mixup(0.2) | more("BSD35k-CS"), (75.99, 0.13), None),
    "more/bsd35k-median-mixup-0.2": (
        mixup(0.2) | more("BSD35k-CS", equalise="median"),
        (78.62, None),
        (75.65, None),
    ),
    "more/bsd35k-max-mixup-0.2": (mixup(0.2) | more("BSD35k-CS", equalise="max"), (77.41, None), (72.88, None)),
    "more/bsd35k-all": (more("BSD35k-CS"), (75.54, None), (70.5, None)),
    "more/bsd35k-all-weight-0.3": (more("BSD35k-CS", weight=0.3), (76.60, None), (73.5, None)),
    "more/bsd35k-all-weight-0.5": (more("BSD35k-CS", weight=0.5), (75.83, None), (71.4, None)),
    "more/bsd35k-all-weight-0.7": (more("BSD35k-CS", weight=0.7), (75.51, None), (71.2, None)),
    "more/bsd35k-all-confidence-0.5": (LINEAR | more("BSD35k-CS", weight=0.5), (76.37, None), (72.2, None)),
    "more/confidence-from-2": ({"rows.min_confidence": 2}, (78.07, None), (75.61, None)),
    "more/confidence-from-3": ({"rows.min_confidence": 3}, (79.00, None), (76.00, None)),
    "more/confidence-from-4": ({"rows.min_confidence": 4}, (77.08, None), (74.00, None)),
    "more/mixup-0.2-confidence": (mixup(0.2) | LINEAR, (78.79, None), (75.66, None)),
    "more/mixup-0.2-class-weights": (mixup(0.2) | CLASS_WEIGHTS, (78.75, None), (76.12, None)),
    "more/mixup-0.2-hloss-0.7": (mixup(0.2) | top(0.7), (78.78, None), (76.33, None)),
    "more/confidence-hloss-0.7": (LINEAR | top(0.7), (78.83, None), (75.71, None)),
    "more/label-smoothing-0.1": ({"loss.label_smoothing": 0.1}, (78.63, None), None),
    "more/convnext-mixup-0.2": (hears("convnext-tiny-audioset") | mixup(0.2), None, None),
    "more/concat": (hears("clap,beats"), None, None),
    "more/beats-hloss-0.7": (hears("beats") | top(0.7), None, None),
    "more/beats-hloss-1.5": (hears("beats") | top(1.5), None, None),
    "more/concat-hloss-0.3": (hears("clap,beats") | top(0.3), None, None),
    "more/concat-hloss-0.7": (hears("clap,beats") | top(0.7), None, None),
    "more/concat-hloss-1.0": (hears("clap,beats") | top(1.0), None, None),
    "more/concat-hloss-1.5": (hears("clap,beats") | top(1.5), None, None),
    "more/bsd35k": ({}, (79.47, 0.95), None),
}
# Rows of ours beside them: without the leak, as the text says it, or by ear alone where only the predictions are known.
BESIDE: dict[str, Keys] = {
    "table1/whisper-unpadded": hears("whisper-base"),
    "table4/combined-as-reported": {"augment": [NOISE_0_001, MASKING, mixup(0.2)["augment"][2], CUTMIX[2]]},
    "table5/external-weak": outside(classes=WEAK),
    "table5/external-weighted": outside(weight=0.3),
    "table5/external-all": outside(),
}
# In which numbers the published predictions disagree with the tables (audio_text.md, 0.3).
OTHER_RERUN = {"table1/clap", "table3/class-weights-sound"}
OTHER_SPREAD = {"table1/three-modalities-mixup-0.2": 0.50, "table7/three-modalities-mixup": 0.50}


def told(name: str, baseline: str = "bst/table1/clap") -> Keys:
    """The keys of a recipe that differ from the baseline, as it has them."""
    pairs = differences(load_recipe(name), load_recipe(baseline))
    return {key: mine if mine == ABSENT else json.loads(mine) for key, mine, _ in pairs}


@pytest.mark.parametrize("name", [*TABLES, *UNREPORTED])
def test_a_row_differs_from_the_baseline_in_what_its_name_says_and_nothing_else(name: str) -> None:
    keys = (TABLES | UNREPORTED)[name][0]
    assert told(f"bst/{name}") == keys


@pytest.mark.parametrize("name", BESIDE)
def test_rows_of_our_own_likewise(name: str) -> None:
    recipe = load_recipe(f"bst/{name}")
    assert told(recipe.name) == BESIDE[name]
    assert (recipe.published.paper, recipe.published.recomputed) == (None, None)


@pytest.mark.parametrize(
    "name", [name for name in preset_names() if name.startswith("bst/") and name.endswith("-sound")]
)
def test_a_row_by_ear_alone_is_its_row_without_words(name: str) -> None:
    assert told(name, name.removesuffix("-sound")) == NO_WORDS


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_numbers(name: str) -> None:
    _, both, alone = TABLES[name]
    for full, paper in ((name, both), (f"{name}-sound", alone)):
        if paper is None:
            continue
        published = load_recipe(f"bst/{full}").published
        assert published.paper == paper
        if full in OTHER_SPREAD:
            assert published.recomputed == (paper[0], OTHER_SPREAD[full])
        elif full not in OTHER_RERUN and full != "table1/clap-sound":
            assert published.recomputed == paper


@pytest.mark.parametrize("name", UNREPORTED)
def test_the_numbers_that_no_table_has(name: str) -> None:
    _, both, alone = UNREPORTED[name]
    for full, recomputed in ((name, both), (f"{name}-sound", alone)):
        if full == name or recomputed is not None:
            published = load_recipe(f"bst/{full}").published
            assert (published.paper, published.recomputed) == (None, recomputed)


def test_equalised_rows_by_ear_alone_are_known_from_predictions_only() -> None:
    for name, mean in (("bsd35k-median", 75.43), ("bsd35k-max", 72.84)):
        published = load_recipe(f"bst/table5/{name}-sound").published
        assert (published.paper, published.recomputed) == (None, (mean, None))


def test_the_ensembles_are_those_of_table_6_and_two_of_them_were_submitted() -> None:
    member = {
        "mixup 0.3": "bst/table4/mixup-0.3",
        "mixup + hloss": "bst/more/mixup-0.2-hloss-0.7",
        "median": "bst/table5/bsd35k-median",
        "convnext + mixup": "bst/more/convnext-mixup-0.2",
        "fine-tuned": "finetune/clap",
        "hloss": "bst/table2/hloss-0.7",
        "mixup + class weights": "bst/more/mixup-0.2-class-weights",
        "combined": "bst/table4/combined",
        "confidence": "bst/table3/confidence-linear",
        "weighted": "bst/table5/external-weighted-leak",
        "confidence + hloss": "bst/more/confidence-hloss-0.7",
        "matpac": "bst/table1/matpac",
        "swap": "bst/table4/swap-noise",
        "cutmix": "bst/table4/cutmix-0.2",
    }
    table = [
        (["mixup 0.3", "mixup + hloss", "median", "convnext + mixup", "fine-tuned"], (81.13, 0.57)),
        (["hloss", "mixup + class weights", "median", "combined", "convnext + mixup"], (81.12, 0.75)),
        (["confidence", "mixup + class weights", "combined", "convnext + mixup", "weighted"], (81.11, 0.83)),
        (["confidence", "confidence + hloss", "mixup 0.3", "median", "matpac"], (81.11, 0.58)),
        (["mixup + class weights", "swap", "combined", "cutmix", "matpac"], (81.10, 0.40)),
    ]
    for rank, (names, paper) in enumerate(table, 1):
        found = [load_any(f"bst/table6/rank-{rank}")]
        found += [load_any(f"bst/table7/ensemble-rank-{rank}")] if rank <= 2 else []
        for recipe in found:
            assert isinstance(recipe, EnsembleRecipe)
            assert sorted(recipe.ensemble) == sorted(member[name] for name in names)
            assert (recipe.average, recipe.published.paper) == ("logits", paper)


def test_there_are_no_other_rows_than_these() -> None:
    named = {*TABLES, *UNREPORTED, *BESIDE}
    named |= {f"table6/rank-{rank}" for rank in range(1, 6)} | {"table7/ensemble-rank-1", "table7/ensemble-rank-2"}
    there = {name.removeprefix("bst/").removesuffix("-sound") for name in preset_names() if name.startswith("bst/")}
    assert there - named == {"hatr"}


def test_rows_are_compared_with_the_right_baseline() -> None:
    for name in preset_names():
        if name.startswith("bst/") and name not in ("bst/hatr", "bst/table1/clap", "bst/more/bsd35k"):
            wanted = "bst/table4/mixup-0.2" if "/external-" in name else "bst/table1/clap"
            beside = f"{wanted}-sound" if name.endswith("-sound") and name != f"{wanted}-sound" else wanted
            assert load_any(name).baseline == beside, name


def test_the_baseline_is_that_of_the_report() -> None:
    recipe = load_recipe("bst/table1/clap")
    assert recipe.taxonomy == "bst"
    assert recipe.rows.complete
    fit = {name: getattr(recipe.fit, name) for name in ("epochs", "batch", "optimiser", "lr", "weight_decay")}
    assert fit == {"epochs": 100, "batch": 64, "optimiser": "adam", "lr": 1e-3, "weight_decay": 1e-5}
    rest = (recipe.fit.schedule, recipe.fit.halve_every, recipe.fit.patience, recipe.fit.monitor, recipe.fit.drop_last)
    assert rest == ("step", 20, 15, "accuracy", True)
    assert (recipe.split.kind, recipe.split.folds, recipe.split.seed, recipe.seed) == ("stratified", 5, 1821, 1821)
    assert [spec.model_dump() for spec in recipe.augment] == [NOISE, MASKING]
    assert recipe.loss.model_dump() == ORDINARY | {"label_smoothing": 0.01}


@pytest.mark.parametrize(
    ("name", "dims", "count"),
    [
        ("table1/clap", {"sound": 512, "words": 512}, 7_319_513),
        ("table1/whisper", {"sound": 512, "words": 512}, 7_319_513),
        ("table2/hloss-0.7", {"sound": 512, "words": 512}, 7_319_513 + 325),
        ("table2/contrastive-0.5", {"sound": 512, "words": 512}, 7_319_513),
        ("table1/clap-sound", {"sound": 512}, 3_698_647),
        ("table1/beats-sound", {"sound": 768}, 8_146_519),
        ("table1/convnext", {"sound": 768, "words": 512}, 11_767_385),
        ("more/concat", {"sound": 1280, "words": 512}, 25_971_545),
        ("more/three-modalities", {"sound": 512, "words": 512, "speech": 512}, 10_923_738),
        ("table1/matpac", {"sound": 3840, "words": 512}, 203_160_665),
    ],
)
def test_the_networks_have_the_published_numbers_of_parameters(name: str, dims: dict[str, int], count: int) -> None:
    with torch.device("meta"):
        network = build_model(load_recipe(f"bst/{name}"), dims, BST)
    assert sum(weight.numel() for weight in network.parameters()) == count
