"""One pass over the training table: step after step."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from heterophony.augment import Augmentation, augmented
from heterophony.batches import Batch
from heterophony.losses import Loss
from heterophony.models import Output
from heterophony.training.device import device_of
from heterophony.training.groups import train_mode
from heterophony.training.loader import Loader
from heterophony.training.settings import FitSettings


def train_epoch(  # noqa: PLR0913 - the parts of an epoch, each by its name
    model: nn.Module,
    train: Batch,
    *,
    loss: Loss,
    augment: Sequence[Augmentation[Any]],
    optimiser: torch.optim.Optimizer,
    settings: FitSettings,
    generator: torch.Generator,
    before_step: Callable[[float], None] | None = None,
    loader: Loader | None = None,
) -> float:
    """Trains on every batch of a shuffled table once; `settings.accumulate` batches are one step.

    The losses stay tensors until the end: no step waits for a number.

    Args:
        model: Takes a `Batch`, returns an `Output`.
        train: The training table.
        loss: `(output, target, weight) -> scalar`.
        augment: Applied in this order to every batch, on the device of the model.
        optimiser: Of the parameters.
        settings: The numbers.
        generator: Of the order and of `augment`; on the device of the table.
        before_step: Called before each step with the part of the epoch that is done, 0 .. 1 (learning rates).
        loader: What is done with batches before that, where the table is, while the step before is done; None: nothing.

    Returns:
        The mean of the losses of the batches.
    """
    train_mode(model, settings.groups)
    losses: list[Tensor] = []
    batches = list(shuffled_batches(len(train), settings, generator))
    with (loader or Loader()).batches(train, batches) as coming:
        for start in range(0, len(batches), settings.accumulate):
            if before_step is not None:
                before_step(start / len(batches))
            shares = _shares(batches[start : start + settings.accumulate])
            parts = _parts(coming, shares, device_of(model, train.target.device), augment, generator)
            losses += train_step(model, parts, loss, optimiser, settings)
    return float(torch.stack(losses).mean())


def _shares(rows: Sequence[Int[Tensor, " _"]]) -> list[float]:
    """The part of a step's rows that each of its batches has."""
    total = sum(map(len, rows))
    return [len(some) / total for some in rows]


def _parts(
    coming: Iterator[Batch],
    shares: Sequence[float],
    device: torch.device,
    augment: Sequence[Augmentation[Any]],
    generator: torch.Generator,
) -> Iterator[tuple[Batch, float]]:
    """The next batches on the device of the model, augmented, each with its share of the step's rows."""
    for share in shares:
        batch = next(coming).to(device)
        for augmentation in augment:
            batch = augmented(batch, augmentation, generator)
        yield batch, share


def train_step(
    model: nn.Module,
    parts: Iterable[tuple[Batch, float]],
    loss: Loss,
    optimiser: torch.optim.Optimizer,
    settings: FitSettings,
) -> list[Float[Tensor, ""]]:
    """One step: forward, loss and backward of each part, one after the other, then one update.

    Where the loss is a mean over rows and no row depends on the others (no batch normalisation), the step is that of
    one batch of all rows, to rounding.

    Returns:
        The loss of each part before the update, detached.
    """
    optimiser.zero_grad()
    losses = []
    for batch, share in parts:
        with torch.autocast(batch.target.device.type, dtype=torch.bfloat16, enabled=settings.precision == "bfloat16"):
            output: Output = model(batch)
        value = loss(output, batch.target, batch.weight)
        (share * value).backward()  # type: ignore[no-untyped-call]
        losses.append(value.detach())
    if settings.clip is not None:
        nn.utils.clip_grad_norm_([p for group in optimiser.param_groups for p in group["params"]], settings.clip)
    optimiser.step()
    return losses


def shuffled_batches(n: int, settings: FitSettings, generator: torch.Generator) -> Iterator[Int[Tensor, " batch"]]:
    """Row numbers of the batches of one epoch: a random order of the rows, cut into pieces.

    With `drop_last` the incomplete last piece is left out, unless it is the only one.
    """
    order = torch.randperm(n, generator=generator, device=generator.device)
    for rows in torch.split(order, settings.batch):
        if len(rows) == settings.batch or not settings.drop_last or n < settings.batch:
            yield rows
