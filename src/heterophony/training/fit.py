"""The loop: fit -> epoch -> step. It does not know what it trains."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Int
from torch import Tensor, nn

from heterophony.augment import Augmentation
from heterophony.batches import Batch
from heterophony.errors import ConfigError, InputError, ModelError
from heterophony.losses import Loss
from heterophony.training.epoch import train_epoch
from heterophony.training.groups import frozen
from heterophony.training.history import History
from heterophony.training.loader import Loader
from heterophony.training.optimiser import build_optimiser, set_rates
from heterophony.training.predict import predict
from heterophony.training.schedule import learning_rate
from heterophony.training.seeding import seeded
from heterophony.training.settings import FitSettings

Score = Callable[[Float32[np.ndarray, "samples classes"], Int[np.ndarray, " samples"]], Mapping[str, float]]


def fit(  # noqa: PLR0913 - the parts that a recipe chooses, each by its name
    model: nn.Module,
    train: Batch,
    validation: Batch | None,
    *,
    loss: Loss,
    augment: Sequence[Augmentation[Any]],
    settings: FitSettings,
    score: Score,
    generator: torch.Generator,
    on_epoch: Callable[[dict[str, float]], None] | None = None,
    ahead: Sequence[Augmentation[Any]] = (),
) -> History:
    """Trains `model` in place; at the end it has the weights of its best epoch and is in evaluation mode.

    All chance comes from `generator`: order, augmentations, and a seed for dropout. The framework's global random state
    is the same before and after. The same generator state, model and data give the same weights to the bit on one
    machine with the same number of threads, on the processor.

    The model is trained where its parameters lie; the tables stay where they are, and each batch goes there.

    Args:
        model: Takes a `Batch`, returns an `Output`.
        train: The training table, in memory.
        validation: The table that chooses the epoch; never trained on. None: all epochs are run, the last one is kept.
        loss: `(output, target, weight) -> scalar`.
        augment: Applied in this order to every training batch, on the device of the model, as part of the step.
        settings: The numbers.
        score: Validation logits and class numbers (the largest target) to scores by name.
        generator: On the device of the tables.
        on_epoch: Called with each row of the history as soon as it exists.
        ahead: Applied in this order before `augment`, where the table is, by a thread that is a batch or two ahead of
            the step; with a generator of their own, seeded from `generator`. They must not draw from anything else.

    Returns:
        The history.

    Raises:
        InputError: A table has no rows.
        ConfigError: `score` does not give `settings.monitor`, a group matches no parameter, or all are frozen.
        ModelError: The loss is not finite any more.
    """
    for name, table in (("training", train), ("validation", validation)):
        if table is not None and len(table) == 0:
            raise InputError(f"the {name} table has no rows")
    history = History()
    best = Best()
    seed = int(torch.randint(2**63 - 1, (), generator=generator, device=generator.device))
    loader, began = Loader.drawing_from(generator, ahead), perf_counter()
    with frozen(model, settings.groups), seeded(seed):
        optimiser = build_optimiser(model, settings)
        for epoch in range(1, settings.epochs + 1):
            train_loss = train_epoch(
                model,
                train,
                loss=loss,
                augment=augment,
                optimiser=optimiser,
                settings=settings,
                generator=generator,
                before_step=partial(_set_rates, optimiser, settings, epoch),
                loader=loader,
            )
            scores = {} if validation is None else scored(model, validation, score)
            row = {"epoch": epoch, "learning_rate": learning_rate(settings, epoch), "train_loss": train_loss, **scores}
            history.rows.append(row)
            if on_epoch is not None:
                on_epoch(row)
            if validation is not None and best.stop(model, row, settings):
                break
    if validation is not None:
        best.restore(model)
    model.eval()
    history.waited = loader.waited / (perf_counter() - began)
    history.best_epoch = best.epoch if validation is not None else settings.epochs
    return history


def _set_rates(optimiser: torch.optim.Optimizer, settings: FitSettings, epoch: int, done: float) -> None:
    set_rates(optimiser, settings, epoch - 1 + done)


def scored(model: nn.Module, validation: Batch, score: Score) -> dict[str, float]:
    """The scores of the model on the validation table."""
    return dict(score(predict(model, validation), validation.target.argmax(dim=1).cpu().numpy()))


class Best:
    """The weights of the best epoch so far."""

    def __init__(self) -> None:
        self.epoch = 0
        self.value = -math.inf
        self.weights: dict[str, Tensor] = {}

    def stop(self, model: nn.Module, row: Mapping[str, float], settings: FitSettings) -> bool:
        """Keeps the weights if the monitor is strictly higher than ever; True when patience is over.

        Raises:
            ConfigError: The monitor is not among the scores.
            ModelError: The loss is not finite.
        """
        if settings.monitor not in row:
            raise ConfigError(f"monitor {settings.monitor!r} is not among the scores: {', '.join(sorted(row))}")
        if not math.isfinite(row["train_loss"]):
            raise ModelError(
                f"the training loss is {row['train_loss']} in epoch {row['epoch']}: "
                "look for values that are not finite in the inputs, or lower lr"
            )
        value = -math.inf if math.isnan(row[settings.monitor]) else row[settings.monitor]
        if self.epoch == 0 or value > self.value:
            self.epoch, self.value = int(row["epoch"]), value
            self.weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
        return int(row["epoch"]) - self.epoch >= settings.patience

    def restore(self, model: nn.Module) -> None:
        """Gives the model its best weights."""
        model.load_state_dict(self.weights)
