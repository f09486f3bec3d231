"""`heterophony recipes` and `heterophony models` say what there is."""

from collections.abc import Callable
from typing import Any

import pytest

from heterophony.recipes.catalogue import preset_names
from heterophony.recipes.load import load_any
from heterophony.recipes.model_folder import model_names

Call = Callable[..., Any]


def test_all_recipes_are_listed_with_what_they_are(heterophony: Call) -> None:
    said = heterophony("recipes", "list")
    assert said.code == 0
    assert said.out.splitlines() == [f"{name}: {load_any(name).about}" for name in preset_names()]


def test_a_shown_recipe_can_be_used_as_a_file(heterophony: Call, tmp_path: Any) -> None:
    said = heterophony("recipes", "show", "bsd10k/words-grouped")
    assert "extends" not in said.out
    (tmp_path / "r.yaml").write_text(said.out)
    assert load_any(str(tmp_path / "r.yaml")) == load_any("bsd10k/words-grouped")


def test_a_pattern_lists_only_names_like_it(heterophony: Call) -> None:
    said = heterophony("recipes", "list", "bst/table2/contrastive-*")
    assert [line.partition(":")[0] for line in said.out.splitlines()] == [
        "bst/table2/contrastive-0.2",
        "bst/table2/contrastive-0.5",
        "bst/table2/contrastive-1.0",
    ]
    wrong = heterophony("recipes", "list", "bst/table2/contrastiv-0.2")
    assert wrong.code == 1
    assert "did you mean bst/table2/contrastive-0.2" in wrong.err


def test_two_recipes_are_compared_key_by_key(heterophony: Call) -> None:
    said = heterophony("recipes", "diff", "bst/table1/clap", "bst/more/confidence-hloss-0.7")
    assert said.code == 0
    assert said.out == (
        "weighting.confidence\n"
        "  bst/table1/clap: null\n"
        '  bst/more/confidence-hloss-0.7: "linear"\n'
        "loss.name\n"
        '  bst/table1/clap: "cross-entropy"\n'
        '  bst/more/confidence-hloss-0.7: "hierarchical"\n'
        "loss.top_weight\n"
        "  bst/table1/clap: (not there)\n"
        "  bst/more/confidence-hloss-0.7: 0.7\n"
    )


def test_parameters_are_counted_and_time_is_taken(heterophony: Call, tmp_path: Any) -> None:
    said = heterophony("recipes", "complexity", "graph/table2/*")
    assert said.code == 0
    found = [tuple(line.split()[:2]) for line in said.out.splitlines()]
    assert found == [
        ("graph/table2/at", "182,795"),
        ("graph/table2/dm", "86,158"),
        ("graph/table2/dm-paper-theta-lr", "86,158"),
        ("graph/table2/mean", "86,154"),
    ]
    assert "86,154 and 4 of theta" in said.out
    small = ["--dims", "sound=4", "--classes", "2", "--time", "--rows", "12", "--test-rows", "8"]
    said = heterophony("recipes", "complexity", "graph/table1/audio", *small)
    assert "s an epoch" in said.out
    assert "s for 500" in said.out


@pytest.mark.parametrize("dims", ["sound", "sound=many", "sound=4,sound=5"])
def test_sizes_that_are_none_are_refused(heterophony: Call, dims: str) -> None:
    said = heterophony("recipes", "complexity", "graph/table1/audio", "--dims", dims)
    assert said.code == 1
    assert "--dims sound" in said.err


def test_recipes_that_do_the_same_are_said_to(heterophony: Call) -> None:
    said = heterophony("recipes", "diff", "bst/table4/swap-noise", "bst/table7/single")
    assert said.out == "bst/table4/swap-noise and bst/table7/single say the same\n"


def test_a_wrong_recipe_is_refused_with_all_its_faults(heterophony: Call, tmp_path: Any) -> None:
    (tmp_path / "r.yaml").write_text("extends: esc50/sound\nfit: {epocs: 1}\nmodle: {}\n")
    said = heterophony("recipes", "show", tmp_path / "r.yaml")
    assert said.code == 1
    assert "did you mean epochs?" in said.err
    assert "did you mean model?" in said.err


def test_all_models_are_listed(heterophony: Call) -> None:
    said = heterophony("models")
    assert said.code == 0
    for name in model_names():
        assert f"{name}: " in said.out


@pytest.mark.parametrize("arguments", [[], ["recipes"], ["--help"], ["classify", "--help"], ["train", "--help"]])
def test_help_is_given(heterophony: Call, arguments: list[str]) -> None:
    said = heterophony(*arguments)
    assert "Usage: heterophony" in said.out + said.err
