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
