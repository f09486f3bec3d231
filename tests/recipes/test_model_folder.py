"""A model as a folder: the same answers after a round trip, nothing altered, nothing unpickled."""

import hashlib
import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from heterophony.errors import ModelError
from heterophony.recipes.model_folder import load_model, model_names, save_model
from heterophony.recipes.samples import Samples
from heterophony.recipes.trained import Temperature, Trained

FILES = {"README.md", "calibration.json", "config.json", "model.safetensors", "taxonomy.csv"}


@pytest.fixture
def folder(run_folder: Path, tmp_path: Path) -> Path:
    """A copy of the model that a test may break."""
    return Path(shutil.copytree(run_folder / "model", tmp_path / "model"))


def sign(folder: Path) -> None:
    """Makes config.json agree with whatever the weights file is now."""
    config = json.loads((folder / "config.json").read_text())
    config["model_sha256"] = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    (folder / "config.json").write_text(json.dumps(config))


def test_a_model_says_the_same_after_a_round_trip(trained: Trained, corpus_samples: Samples, tmp_path: Path) -> None:
    calibrated = replace(trained, temperatures={"sound": Temperature(value=1.25, samples=77, paired=True)})
    save_model(calibrated, tmp_path / "m", "# card\n")
    again = load_model(str(tmp_path / "m"))
    one, two = (model.say(model.table(corpus_samples)) for model in (calibrated, again))
    np.testing.assert_array_equal(one.logits, two.logits)
    np.testing.assert_array_equal(one.attention["sound"], two.attention["sound"])
    assert again.temperatures == calibrated.temperatures
    assert again.recipe == calibrated.recipe
    assert again.dims == calibrated.dims
    assert again.taxonomy.classes == calibrated.taxonomy.classes
    assert {path.name for path in (tmp_path / "m").iterdir()} == FILES


def test_the_same_model_has_the_same_bytes(trained: Trained, tmp_path: Path) -> None:
    for name in "ab":
        save_model(trained, tmp_path / name, "# card\n")
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_half_precision_halves_the_file_and_hardly_changes_the_answers(
    trained: Trained, corpus_samples: Samples, tmp_path: Path
) -> None:
    save_model(trained, tmp_path / "whole", "")
    save_model(
        replace(trained, recipe=trained.recipe.model_copy(update={"stored_as": "float16"})), tmp_path / "half", ""
    )
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "half")]
    assert sizes[1] < 0.6 * sizes[0]
    one, two = (load_model(str(tmp_path / name)) for name in ("whole", "half"))
    logits = [model.say(model.table(corpus_samples)).logits for model in (one, two)]
    np.testing.assert_allclose(logits[0], logits[1], atol=0.05)
    assert next(two.members[0].parameters()).dtype == torch.float32


def test_a_run_folder_will_do(run_folder: Path) -> None:
    assert load_model(str(run_folder)).recipe == load_model(str(run_folder / "model")).recipe


def test_loading_leaves_the_global_randomness_alone(run_folder: Path) -> None:
    before = torch.random.get_rng_state()
    load_model(str(run_folder))
    assert torch.equal(before, torch.random.get_rng_state())


def test_altered_weights_are_refused(folder: Path) -> None:
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.safetensors: SHA-256 \w+, but config\.json says \w+; it was altered"):
        load_model(str(folder))


@pytest.mark.parametrize("name", sorted(FILES - {"README.md", "config.json"}))
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=name):
        load_model(str(folder))


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"neither a folder with a config\.json, nor one of"):
        load_model(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", "{", "not JSON"),
        ("config.json", "[]", "wanted an object, got list"),
        ("config.json", '{"format": 2}', "format 2; this version of heterophony reads 1"),
        ("calibration.json", '{"sound": {"heat": 1}}', "not a complete model"),
        ("calibration.json", "no", "not JSON"),
        ("taxonomy.csv", "key,parent,name,definition\nlow,,,\n", "not a complete model"),
    ],
)
def test_a_broken_part_is_refused(folder: Path, name: str, content: str, message: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(ModelError, match=message):
        load_model(str(folder))


@pytest.mark.parametrize(
    ("key", "value"), [("dims", {"sound": 3}), ("members", 2), ("recipe", {"name": "x"}), ("dims", 3)]
)
def test_a_configuration_that_does_not_fit_the_weights_is_refused(folder: Path, key: str, value: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, key: value}))
    with pytest.raises(ModelError, match="not a complete model"):
        load_model(str(folder))


class Bomb:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (self.mark,))  # type: ignore[return-value]


@pytest.mark.parametrize("name", sorted(FILES - {"README.md"}))
def test_no_file_of_a_model_is_ever_unpickled(folder: Path, tmp_path: Path, name: str) -> None:
    mark = tmp_path / "boom"
    bomb = pickle.dumps(Bomb(mark))
    (folder / name).write_bytes(bomb)
    if name == "model.safetensors":
        sign(folder)
    with pytest.raises(ModelError):
        load_model(str(folder))
    assert not mark.exists()
    pickle.loads(bomb)  # the bomb is a bomb
    assert mark.exists()


@pytest.mark.parametrize("name", model_names() or ["none"])
def test_models_that_come_with_the_package_load(name: str) -> None:
    if name == "none":
        pytest.skip("no model comes with the package yet")
    trained = load_model(name)
    assert trained.recipe.name == name
    assert trained.temperatures
