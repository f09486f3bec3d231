"""Files of one recipe and of several, and what is handed down."""

from pathlib import Path

import pytest

from heterophony.errors import ConfigError
from heterophony.recipes import catalogue
from heterophony.recipes.catalogue import preset_names, read_preset
from heterophony.recipes.load import load_any, load_recipe, names_like
from heterophony.recipes.spec import EnsembleRecipe


@pytest.fixture
def presets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of one recipe and a table of three."""
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "base.yaml").write_text(
        "name: lab/base\nmodalities: {sound: {encoder: yamnet}}\npublished: {paper: [70, 1]}\n"
    )
    (tmp_path / "lab" / "table1.yaml").write_text(
        "shared: {extends: lab/base, seed: 5}\n"
        "recipes:\n"
        "  plain-0.5: {about: Plain.}\n"
        "  other: {extends: lab/table1/plain-0.5, seed: 6, published: {recomputed: [71, null]}}\n"
        "  mean: {extends: null, seed: null, ensemble: [lab/base, lab/table1/other]}\n"
    )
    monkeypatch.setattr(catalogue, "PRESETS", tmp_path)
    return tmp_path


def test_a_file_of_several_gives_each_its_name(presets: Path) -> None:
    assert preset_names() == ["lab/base", "lab/table1/mean", "lab/table1/other", "lab/table1/plain-0.5"]
    assert read_preset("lab/table1/plain-0.5") == {
        "name": "lab/table1/plain-0.5",
        "extends": "lab/base",
        "seed": 5,
        "about": "Plain.",
    }
    for name in ("lab/table1", "lab/table1/gone", "lab/base/x", "gone"):
        assert read_preset(name) is None


def test_shared_keys_are_those_of_all_that_do_not_have_them(presets: Path) -> None:
    assert (load_recipe("lab/table1/plain-0.5").seed, load_recipe("lab/table1/other").seed) == (5, 6)


def test_what_others_measured_is_not_handed_down(presets: Path) -> None:
    assert load_recipe("lab/base").published.paper == (70.0, 1.0)
    child, grandchild = load_recipe("lab/table1/plain-0.5").published, load_recipe("lab/table1/other").published
    assert (child.paper, child.recomputed) == (None, None)
    assert (grandchild.paper, grandchild.recomputed) == (None, (71.0, None))


def test_what_is_read_can_be_changed_without_changing_the_next(presets: Path) -> None:
    first = read_preset("lab/base")
    assert first is not None
    first["modalities"]["sound"]["encoder"] = "gone"
    assert load_recipe("lab/base").modalities["sound"].encoder == "yamnet"


def test_an_ensemble_is_no_recipe_that_can_be_trained(presets: Path) -> None:
    found = load_any("lab/table1/mean")
    assert isinstance(found, EnsembleRecipe)
    assert found.ensemble == ("lab/base", "lab/table1/other")
    with pytest.raises(ConfigError, match="lab/table1/mean is an ensemble of 2 recipes; `heterophony sweep` runs it"):
        load_recipe("lab/table1/mean")


def test_an_ensemble_needs_two_members_and_knows_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "e.yaml"
    path.write_text("name: e\nensemble: [a]\naverag: logits\n")
    with pytest.raises(
        ConfigError, match=r"(?s)ensemble: .*at least 2 items.*averag: no such key; did you mean average"
    ):
        load_any(str(path))


def test_bases_give_each_recipe_once_on_each() -> None:
    names = names_like("ladder/*/mixup-0.2")
    assert len(names) > 1
    for name in names:
        recipe = load_recipe(name)
        assert recipe.baseline.partition("/")[0] == name.split("/")[1].partition("-")[0]
        assert recipe.modalities == load_recipe(recipe.baseline).modalities


def test_patterns_mean_names_and_a_wrong_one_the_nearest() -> None:
    assert names_like("bst/table3/confidence-linear*") == [
        "bst/table3/confidence-linear",
        "bst/table3/confidence-linear-sound",
    ]
    assert names_like("*") == preset_names()
    with pytest.raises(ConfigError, match=r"no recipe 'bst/table2/hlos-0.7'; did you mean bst/table2/hloss-0.7"):
        names_like("bst/table2/hlos-0.7")


def test_members_and_baselines_of_the_package_are_there() -> None:
    names = set(preset_names())
    for name in names:
        recipe = load_any(name)
        assert {recipe.baseline} - {""} <= names
        if isinstance(recipe, EnsembleRecipe):
            assert set(recipe.ensemble) <= names
