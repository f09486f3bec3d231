"""One pass over the training table: step after step."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from heterophony.augment import Augmentation, augmented
from heterophony.batches import Batch
from heterophony.losses import Loss
from heterophony.models import Output
from heterophony.training.settings import FitSettings


def train_epoch(
    model: nn.Module,
    train: Batch,
    *,
    loss: Loss,
    augment: Sequence[Augmentation[Any]],
    optimiser: torch.optim.Optimizer,
    settings: FitSettings,
    generator: torch.Generator,
) -> float:
    """Trains on every batch of a shuffled table once.

    The losses stay tensors until the end: no step waits for a number.

    Returns:
        The mean of the losses of the steps.
    """
    model.train()
    losses = []
    for rows in shuffled_batches(len(train), settings, generator):
        batch = train.take(rows)
        for augmentation in augment:
            batch = augmented(batch, augmentation, generator)
        losses.append(train_step(model, batch, loss, optimiser, settings.precision))
    return float(torch.stack(losses).mean())


def train_step(
    model: nn.Module, batch: Batch, loss: Loss, optimiser: torch.optim.Optimizer, precision: str
) -> Float[Tensor, ""]:
    """One step: forward, loss, backward, update. Returns the loss before the update, detached."""
    optimiser.zero_grad()
    with torch.autocast(batch.target.device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16"):
        output: Output = model(batch)
    value = loss(output, batch.target, batch.weight)
    value.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return value.detach()


def shuffled_batches(n: int, settings: FitSettings, generator: torch.Generator) -> Iterator[Int[Tensor, " batch"]]:
    """Row numbers of the batches of one epoch: a random order of the rows, cut into pieces.

    With `drop_last` the incomplete last piece is left out, unless it is the only one.
    """
    order = torch.randperm(n, generator=generator, device=generator.device)
    for rows in torch.split(order, settings.batch):
        if len(rows) == settings.batch or not settings.drop_last or n < settings.batch:
            yield rows
