"""A trained model as a folder: `config.json`, `model.safetensors`, `taxonomy.csv`, `calibration.json`, `README.md`.

A graph model has `bank.csv` too: who the rows are that it knows.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from torch import nn

from heterophony.errors import InputError, ModelError
from heterophony.recipes.build import build_model
from heterophony.recipes.known_rows import KnownRows, read_known_rows
from heterophony.recipes.load import as_recipe
from heterophony.recipes.priors import PRIORS, Prior
from heterophony.recipes.spec import Recipe
from heterophony.recipes.trained import Temperature, Trained
from heterophony.recipes.tuned_folder import heads, save_encoders, with_encoders
from heterophony.taxonomy import Taxonomy, read_taxonomy, write_taxonomy
from heterophony.training import seeded

FORMAT = 1
BANK = "bank.csv"
Arrays = dict[str, Shaped[np.ndarray, "..."]]
MODELS = files("heterophony.recipes") / "models"


def model_names() -> list[str]:
    """The models that come with the package, sorted."""
    root = Path(str(MODELS))
    return sorted(path.parent.name for path in root.glob("*/config.json"))


def save_model(trained: Trained, folder: Path, card: str) -> None:
    """Writes the folder. Nothing in it is a pickle.

    Args:
        trained: What to write, in the precision that its recipe names.
        folder: Made if it is not there.
        card: The model card, Markdown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays = _arrays(trained)
    save_file(arrays, folder / "model.safetensors")
    encoders = save_encoders(trained, folder)
    write_taxonomy(trained.taxonomy, folder / "taxonomy.csv")
    config = {
        "format": FORMAT,
        "taxonomy": trained.taxonomy.name,
        "dims": dict(trained.dims),
        "members": len(trained.members),
        "model_sha256": _sha256(folder / "model.safetensors"),
        "encoders": {name: _sha256(path) for name, path in encoders.items()},
        "recipe": trained.recipe.model_dump(mode="json"),
    }
    if trained.known is not None:
        trained.known.write(folder / BANK)
        config["bank_sha256"] = _sha256(folder / BANK)
    _write_json(folder / "config.json", config)
    _write_json(folder / "calibration.json", {key: asdict(one) for key, one in trained.temperatures.items()})
    (folder / "README.md").write_text(card, encoding="utf-8")


def load_model(source: str) -> Trained:
    """The model of that name, or in that folder (a run's folder will do).

    Raises:
        ModelError: No such model, a file of it is missing, unreadable or altered, or it is of a later format.
    """
    folder = find_model(source)
    config = _read_json(folder / "config.json")
    if config.get("format") != FORMAT:
        raise ModelError(f"{folder}: format {config.get('format')!r}; this version of heterophony reads {FORMAT}")
    weights = folder / "model.safetensors"
    _refuse_altered(weights, config.get("model_sha256"))
    try:
        recipe = with_encoders(as_recipe(config["recipe"]), folder, config.get("encoders", {}))
        taxonomy = read_taxonomy(folder / "taxonomy.csv", name=config["taxonomy"])
        temperatures = {key: Temperature(**one) for key, one in _read_json(folder / "calibration.json").items()}
        arrays = load_file(weights)
        made = _trained(recipe, taxonomy, dict(config["dims"]), int(config["members"]), temperatures, arrays)
        return replace(made, known=_known(folder, config))
    except (KeyError, TypeError, ValueError, SafetensorError, RuntimeError, InputError) as error:
        raise ModelError(f"{folder}: not a complete model: {error}") from error


def _refuse_altered(path: Path, wanted: str | None) -> None:
    found = _sha256(path)
    if found != wanted:
        raise ModelError(f"{path}: SHA-256 {found}, but config.json says {wanted}; it was altered")


def _known(folder: Path, config: Mapping[str, Any]) -> KnownRows | None:
    """Who the rows of a graph model are; None for other models."""
    if "bank_sha256" not in config:
        return None
    _refuse_altered(folder / BANK, config["bank_sha256"])
    return read_known_rows(folder / BANK)


def _trained(
    recipe: Recipe,
    taxonomy: Taxonomy,
    dims: dict[str, int],
    count: int,
    temperatures: Mapping[str, Temperature],
    arrays: Arrays,
) -> Trained:
    members: list[nn.Module] = []
    for number in range(count):
        with seeded(0):  # the first weights are drawn and then replaced; nobody else's randomness is touched
            network = build_model(recipe, dims, taxonomy)
        state = _below(arrays, f"member.{number}.")
        network.load_state_dict({key: torch.from_numpy(_full(x)) for key, x in state.items()})
        network.eval()
        members.append(network)
    priors: dict[str, Prior] = {
        name: PRIORS[spec.kind].from_arrays(_below(arrays, f"prior.{name}.")) for name, spec in recipe.priors.items()
    }
    return Trained(
        recipe=recipe, taxonomy=taxonomy, dims=dims, members=members, priors=priors, temperatures=temperatures
    )


def _arrays(trained: Trained) -> Arrays:
    """Every array of the model by name; floats in the stored precision."""
    arrays: Arrays = {}
    for number, member in enumerate(heads(trained)):
        arrays |= {f"member.{number}.{key}": x.detach().cpu().numpy() for key, x in member.state_dict().items()}
    for name, prior in trained.priors.items():
        arrays |= {f"prior.{name}.{key}": x for key, x in prior.to_arrays().items()}
    kind = np.dtype(trained.recipe.stored_as)
    return {key: np.ascontiguousarray(x.astype(kind) if x.dtype == np.float32 else x) for key, x in arrays.items()}


def _full(x: Shaped[np.ndarray, "..."]) -> Shaped[np.ndarray, "..."]:
    """Stored halves as float32, whole numbers as they are."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def _below(arrays: Arrays, prefix: str) -> Arrays:
    return {key.removeprefix(prefix): x for key, x in arrays.items() if key.startswith(prefix)}


def find_model(source: str) -> Path:
    """The folder of the model of that name, or in that folder.

    Raises:
        ModelError: There is none.
    """
    given = Path(source)
    for folder in (given, given / "model"):
        if (folder / "config.json").is_file():
            return folder
    if source in model_names():
        return Path(str(MODELS / source))
    raise ModelError(
        f"no model {source!r}: neither a folder with a config.json, nor one of {', '.join(model_names()) or '(none)'}; "
        "train one with `heterophony train`"
    )


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise ModelError(f"{path}: missing; the model is incomplete")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ModelError(f"{path}: missing; the model is incomplete")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: not JSON ({error}); the model is altered") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path}: wanted an object, got {type(content).__name__}")
    return content
