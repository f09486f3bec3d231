"""What a fine-tuned encoder leaves in a folder: its weights, the vectors that it makes; and how it is found again."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32
from torch import nn

from heterophony.clips import Split
from heterophony.encoders.trainable import save_tuned, trainable_encoder
from heterophony.errors import ModelError
from heterophony.models import EndToEnd
from heterophony.recipes.inputs import table
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.recipes.trained import Trained

EMBEDDINGS = "embeddings.npz"


def heads(trained: Trained) -> list[nn.Module]:
    """The networks that read vectors: of an end-to-end one what stands behind its encoder."""
    return [member.head if isinstance(member, EndToEnd) else member for member in trained.members]


def tuned_member(trained: Trained) -> EndToEnd:
    """The one network of a recipe that fine-tunes, as its training left it.

    Raises:
        ModelError: It was loaded from a folder, and reads vectors.
    """
    (member,) = trained.members
    if not isinstance(member, EndToEnd):
        raise ModelError(
            f"{trained.recipe.name}: the fine-tuned encoder of a loaded model stays in its folder; copy that folder"
        )
    return member


def save_encoders(trained: Trained, folder: Path) -> dict[str, Path]:
    """Writes `encoder_<modality>.safetensors` where the recipe fine-tunes; gives the files by modality."""
    if trained.recipe.finetune is None:
        return {}
    member = tuned_member(trained)
    path = folder / f"encoder_{member.modality}.safetensors"
    encoder = trainable_encoder(trained.recipe.modalities[member.modality].encoder.partition(":")[0])
    save_tuned(member.encoder, encoder, member.hearing.window, path)
    return {member.modality: path}


def with_encoders(recipe: Recipe, folder: Path, encoders: Mapping[str, str]) -> Recipe:
    """The recipe of a model that was loaded: its fine-tuned encoder is the one in the model's folder.

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


def embeddings(trained: Trained, samples: Samples) -> Float32[np.ndarray, "rows dim"]:
    """The vectors that a fold's encoder makes of whole recordings; NaN where there is none."""
    model = tuned_member(trained)
    batch = model.heard(table(samples, {}, trained.taxonomy.n_classes))
    vectors: Float32[np.ndarray, "rows dim"] = batch.inputs[model.modality].cpu().numpy()
    vectors[~samples.present[model.modality]] = np.nan
    return vectors


def write_embeddings(trained: Trained, samples: Samples, split: Split, fold: int, folder: Path) -> None:
    """Writes `embeddings.npz`: `ids`, `part` ("train", "val", "test") and, under the modality's name, `[rows, dim]`.

    The rows of "train" taught the encoder: they lie better apart than any others will, so what is fitted on them is too
    sure of itself. Those of "test" it has never met. No other fold may use them: its test rows taught this encoder.
    """
    part = np.empty(len(samples), dtype="<U5")
    for name, rows in zip(("train", "val", "test"), split.parts(fold), strict=True):
        part[rows] = name
    arrays: dict[str, Any] = {tuned_member(trained).modality: embeddings(trained, samples)}
    np.savez_compressed(folder / EMBEDDINGS, ids=np.array(samples.ids), part=part, **arrays)
