"""What a trained recipe says of a collection, as the one table of predictions that everything else reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heterophony.errors import InputError
from heterophony.predictions import Predictions
from heterophony.recipes.classify import calibrated
from heterophony.recipes.collection import Sources
from heterophony.recipes.samples import samples_of
from heterophony.recipes.trained import Trained
from heterophony.store import Embedded


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """Predictions, and the clips that none could be made for.

    Attributes:
        predictions: One row per usable clip, in their order; logits are calibrated log-probabilities; targets are
            the manifest's labels, -1 where there is none; fold 0.
        refused: The others, with their reasons.
    """

    predictions: Predictions
    refused: Sequence[Embedded]


def predict(sources: Sources, model: Trained) -> Predicted:
    """Predicts every clip from what the recipe reads, words as in training (`words_from`).

    Args:
        sources: What to predict, and how vectors are made that are not given.
        model: A trained recipe.

    Raises:
        ConfigError: The model was trained on vectors that were given, and none are given here.
        InputError: A label is not in the model's tree, or no clip can be used.
    """
    clips = sources.own.found.clips
    embedded = sources.embedded(model.recipe)
    usable = [one for one in embedded if one.status != "refused"]
    refused = [one for one in embedded if one.status == "refused"]
    if not usable:
        raise InputError(f"none of {len(clips)} clips can be used; the first: {refused[0].reason if refused else ''}")
    samples = samples_of(usable, model.dims, model.taxonomy)
    probabilities = calibrated(model, samples, model.say(model.table(samples)))
    logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny)).astype(np.float32)
    fold = np.zeros(len(usable), dtype=np.int64)
    return Predicted(Predictions(samples.ids, logits, samples.target, fold, model.taxonomy.classes), refused)
