"""Recipes from names and files: what extends what, what is complete, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from heterophony.errors import ConfigError
from heterophony.recipes.catalogue import merge, preset_names
from heterophony.recipes.load import dump, load_any, load_recipe

BASE = "name: x\nmodalities: {sound: {encoder: yamnet}}\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    def write(text: str, name: str = "r.yaml") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_a_recipe_that_says_what_it_is(name: str) -> None:
    recipe = load_any(name)
    assert recipe.name == name
    assert recipe.about.endswith(".")


@pytest.mark.parametrize("name", preset_names())
def test_a_recipe_written_out_in_full_is_the_same_recipe(name: str, written: Callable[..., str]) -> None:
    recipe = load_any(name)
    text = dump(recipe)
    assert load_any(written(text)) == recipe
    assert dump(load_any(written(text))) == text


def test_defaults_are_written_out(written: Callable[..., str]) -> None:
    text = dump(load_recipe(written(BASE)))
    assert "epochs: 100" in text
    assert "hidden: null" in text
    assert "max_fraction: 0.7" in text


def test_a_child_says_only_how_it_differs(written: Callable[..., str]) -> None:
    parent, child = load_recipe("bsd10k/words"), load_recipe("bsd10k/words-grouped")
    assert child.split.kind == "grouped"
    same = {"name", "about", "split"}
    assert child.model_dump(exclude=same) == parent.model_dump(exclude=same)
    own = load_recipe(written("extends: bsd10k/words\nfit: {epochs: 7}\n"))
    assert own.fit == parent.fit.model_copy(update={"epochs": 7})


def test_a_parent_in_a_file_is_sought_beside_its_child(
    written: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written(BASE + "seed: 5\n", "parent.yaml")
    child = written("extends: parent.yaml\nname: child\n", "child.yaml")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert (load_recipe(child).name, load_recipe(child).seed) == ("child", 5)


def test_mappings_merge_key_by_key_lists_are_replaced_and_null_takes_away() -> None:
    parent = {"a": {"x": 1, "y": 2}, "b": [1, 2], "c": 3}
    child = {"a": {"y": 5, "z": {"deep": None, "kept": 1}}, "b": [3], "c": None}
    assert merge(parent, child) == {"a": {"x": 1, "y": 5, "z": {"kept": 1}}, "b": [3]}
    assert parent == {"a": {"x": 1, "y": 2}, "b": [1, 2], "c": 3}


def test_merging_with_nothing_changes_nothing() -> None:
    tree = {"a": {"x": 1}, "b": [1]}
    assert merge(tree, {}) == tree == merge({}, tree)


def test_null_gives_the_default_back(written: Callable[..., str]) -> None:
    assert load_recipe(written("extends: esc50/title\nmodel: {hidden: null}\n")).model.hidden is None
    assert load_recipe(written("extends: esc50/title\npriors: null\n")).priors == {}
    assert load_recipe(written(BASE + "fit: null\n")).fit.epochs == 100


@pytest.mark.parametrize("spelling", ["r.yaml", "./r.yaml", "../{folder}/r.yaml"])
def test_a_recipe_that_extends_itself_is_refused(written: Callable[..., str], tmp_path: Path, spelling: str) -> None:
    with pytest.raises(ConfigError, match="extends itself, by way of"):
        load_recipe(written(f"extends: {spelling.format(folder=tmp_path.name)}\n"))


def test_two_recipes_that_extend_each_other_are_refused(written: Callable[..., str]) -> None:
    written("extends: b.yaml\n", "a.yaml")
    with pytest.raises(ConfigError, match=r"extends itself, by way of .*a\.yaml -> .*b\.yaml"):
        load_recipe(written("extends: a.yaml\n", "b.yaml"))


@pytest.mark.parametrize("number", ["1e-3", "1.0e-3", "0.001", ".1e-2"])
def test_small_numbers_may_be_written_as_people_write_them(written: Callable[..., str], number: str) -> None:
    assert load_recipe(written(BASE + f"fit: {{lr: {number}}}\n")).fit.lr == 0.001


def test_a_whole_number_will_do_for_a_fraction(written: Callable[..., str]) -> None:
    assert load_recipe(written(BASE + "fit: {lr: 1}\n")).fit.lr == 1.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "wanted keys and values, got list"),
        ("", "wanted keys and values, got NoneType"),
        ("a: [\n", "not YAML"),
        ("extends: 3\n", "extends: wanted the name of a recipe, got 3"),
        ("extends: esc50/boht\n", "no recipe 'esc50/boht'; did you mean esc50/both"),
        ("extends: gone.yaml\n", "gone.yaml: no such file"),
        ("x: !!python/object/apply:os.getcwd []\n", "not YAML"),
    ],
)
def test_what_is_no_recipe_is_refused(written: Callable[..., str], text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_recipe(written(text))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_bytes(b"name: \xff\xfe\n")
    with pytest.raises(ConfigError, match="not text in UTF-8"):
        load_recipe(str(tmp_path / "r.yaml"))


def test_a_name_that_is_not_known_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean bst-base"):
        load_recipe("bst_base")
