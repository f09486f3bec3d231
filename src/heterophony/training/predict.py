"""A model over a whole table, in batches."""

import numpy as np
import torch
from jaxtyping import Float32
from torch import nn

from heterophony.batches import Batch
from heterophony.errors import InputError
from heterophony.models import Output
from heterophony.training.device import device_of


def infer(model: nn.Module, batch: Batch, size: int = 1024) -> Output:
    """Runs `model` in evaluation mode, without gradients, over `size` rows at a time; its mode is given back.

    Rows of which some see each other (`Batch.clips`) are run at once.

    Args:
        model: Takes a `Batch`, returns an `Output`.
        batch: Any number of samples, at least one, on any device: each piece goes to that of the model.
        size: Rows in one forward pass, >= 1; bounds the memory.

    Returns:
        The outputs of all rows, in their order, on the device of the model.

    Raises:
        InputError: No samples.
    """
    if len(batch) == 0:
        raise InputError("nothing to predict: the table has no rows")
    size = size if batch.clips is None else len(batch)
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            where = device_of(model, batch.target.device)
            pieces = torch.split(torch.arange(len(batch)), size)
            parts: list[Output] = [model(batch.take(rows).to(where)) for rows in pieces]
    finally:
        model.train(was_training)
    return Output(
        logits={level: torch.cat([part.logits[level] for part in parts]) for level in parts[0].logits},
        latent=torch.cat([part.latent for part in parts]),
        attention=torch.cat([part.attention for part in parts]),
    )


def predict(model: nn.Module, batch: Batch, size: int = 1024) -> Float32[np.ndarray, "samples classes"]:
    """The class logits of all samples.

    Args:
        model: Takes a `Batch`, returns an `Output`.
        batch: Any number of samples, at least one.
        size: Rows in one forward pass, >= 1.

    Raises:
        InputError: No samples.
    """
    logits: Float32[np.ndarray, "samples classes"] = infer(model, batch, size).logits["class"].float().cpu().numpy()
    return logits
