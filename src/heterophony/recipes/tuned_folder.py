"""What trained encoders leave in a folder: their weights, the vectors that they make; and how they are found again."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32
from torch import nn

from heterophony.clips import Split
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.trainable import save_tuned, trainable_encoder
from heterophony.encoders.tuned import Trainable
from heterophony.errors import ModelError
from heterophony.models import EndToEnd, Joint
from heterophony.recipes.inputs import table
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.recipes.spec.joint import is_trained
from heterophony.recipes.trained import Trained

EMBEDDINGS = "embeddings.npz"


def heads(trained: Trained) -> list[nn.Module]:
    """The networks that read vectors: of one with encoders what stands behind them."""
    return [member.head if isinstance(member, EndToEnd | Joint) else member for member in trained.members]


def tuned_member(trained: Trained) -> EndToEnd | Joint:
    """The one network of a recipe that trains encoders, as its training left it.

    Raises:
        ModelError: It was loaded from a folder, and reads vectors.
    """
    (member,) = trained.members
    if not isinstance(member, EndToEnd | Joint):
        raise ModelError(
            f"{trained.recipe.name}: the trained encoders of a loaded model stay in its folder; copy that folder"
        )
    return member


def save_encoders(trained: Trained, folder: Path) -> dict[str, Path]:
    """Writes `encoder_<modality>.safetensors` for each encoder that was trained; gives the files by modality."""
    recipe = trained.recipe
    if recipe.finetune is None and recipe.joint is None:
        return {}
    member, written = tuned_member(trained), {}
    for name, network in _trained_encoders(recipe, member):
        start = recipe.joint.branches[name].start if recipe.joint else "published"
        encoder = trainable_encoder(recipe.modalities[name].encoder.partition(":")[0], start)
        written[name] = folder / f"encoder_{name}.safetensors"
        save_tuned(network, encoder, _window(member, encoder), written[name])
    return written


def _trained_encoders(recipe: Recipe, member: EndToEnd | Joint) -> list[tuple[str, nn.Module]]:
    """The encoders that some stage has changed; the others are those that were published."""
    if isinstance(member, EndToEnd):
        return [(member.modality, member.encoder)]
    assert recipe.joint is not None
    branches = recipe.joint.branches
    return [(name, member.encoders[name]) for name in branches if is_trained(recipe, name, branches[name])]


def _window(member: EndToEnd | Joint, encoder: Trainable) -> int:
    if isinstance(member, EndToEnd):
        return member.hearing.window
    return encoder.size if isinstance(encoder, TorchPictures) else encoder.window


def with_encoders(recipe: Recipe, folder: Path, encoders: Mapping[str, str]) -> Recipe:
    """The recipe of a model that was loaded: its trained encoders are those in the model's folder.

    Args:
        recipe: As saved.
        folder: Of the model.
        encoders: Modality to the SHA-256 of the file.

    Raises:
        ModelError: A file is missing or was altered, or the name of the folder cannot be part of an encoder's.
    """
    modalities = dict(recipe.modalities)
    for modality, wanted in encoders.items():
        path = (folder / f"encoder_{modality}.safetensors").resolve()
        if not path.is_file():
            raise ModelError(f"{path}: missing; the model is incomplete")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != wanted:
            raise ModelError(f"{path}: SHA-256 {found}, but config.json says {wanted}; it was altered")
        if any(sign in str(path) for sign in ",:@"):
            raise ModelError(f"{path}: a fine-tuned model cannot lie in a folder with , : or @ in its name; move it")
        name, _, pooling = modalities[modality].encoder.partition(":")
        tuned = f"{name}@{path}" + (f":{pooling}" if pooling else "")
        modalities[modality] = modalities[modality].model_copy(update={"encoder": tuned})
    return recipe.model_copy(update={"modalities": modalities}) if encoders else recipe


def embeddings(trained: Trained, samples: Samples) -> dict[str, Float32[np.ndarray, "rows dim"]]:
    """By modality the vectors that a fold's encoders make of whole rows; NaN where there is none."""
    model, batch = tuned_member(trained), table(samples, {}, trained.taxonomy.n_classes)
    if isinstance(model, EndToEnd):
        made = {model.modality: model.heard(batch).inputs[model.modality]}
    else:
        encoded = model.eval().encoded(batch)
        made = {name: encoded.inputs[name] for name in model.encoders}
    vectors: dict[str, Float32[np.ndarray, "rows dim"]] = {name: x.cpu().numpy() for name, x in made.items()}
    for name, x in vectors.items():
        x[~samples.present[name]] = np.nan
    return vectors


def write_embeddings(trained: Trained, samples: Samples, split: Split, fold: int, folder: Path) -> None:
    """Writes `embeddings.npz`: `ids`, `part` ("train", "val", "test") and, under each modality's name, `[rows, dim]`.

    The rows of "train" taught the encoders: they lie better apart than any others will, so what is fitted on them is
    too sure of itself. Those of "test" they have never met. No other fold may use them: its test rows taught these.
    """
    part = np.empty(len(samples), dtype="<U5")
    for name, rows in zip(("train", "val", "test"), split.parts(fold), strict=True):
        part[rows] = name
    arrays: dict[str, Any] = dict(embeddings(trained, samples))
    np.savez_compressed(folder / EMBEDDINGS, ids=np.array(samples.ids), part=part, **arrays)
