"""The loop: fit -> epoch -> step. It does not know what it trains."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Int
from torch import nn

from heterophony.augment import Augmentation
from heterophony.batches import Batch
from heterophony.errors import InputError
from heterophony.losses import Loss
from heterophony.training.best import Best
from heterophony.training.checkpoint import Checkpoint, identity
from heterophony.training.epoch import train_epoch
from heterophony.training.groups import frozen
from heterophony.training.history import History
from heterophony.training.loader import Loader
from heterophony.training.optimiser import build_optimiser, set_rates
from heterophony.training.predict import infer
from heterophony.training.schedule import Plateau, learning_rate
from heterophony.training.seeding import seeded
from heterophony.training.settings import FitSettings
from heterophony.training.state import State

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
    checkpoint: Path | None = None,
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
        checkpoint: A file for the state after each epoch. Where it is there, training goes on from it, to the same
            bytes as if it had never stopped; of a fit that is finished, the outcome is taken from it.

    Returns:
        The history.

    Raises:
        InputError: A table has no rows.
        ConfigError: `score` does not give `settings.monitor`, a group matches no parameter, or all are frozen.
        ModelError: The loss is not finite any more, or the checkpoint is of another model, settings or table.
    """
    for name, table in (("training", train), ("validation", validation)):
        if table is not None and len(table) == 0:
            raise InputError(f"the {name} table has no rows")
    kept = Checkpoint(path=checkpoint, of=identity(model, train, validation, settings, generator) if checkpoint else {})
    seed = int(torch.randint(2**63 - 1, (), generator=generator, device=generator.device))
    loader, began = Loader.drawing_from(generator, ahead), perf_counter()
    with frozen(model, settings.groups), seeded(seed):
        state = _start(model, settings, {"own": generator, "ahead": loader.generator})
        history, done = state.history, kept.restore(state)
        while not done:
            epoch = len(history.rows) + 1
            train_loss = train_epoch(
                model,
                train,
                loss=loss,
                augment=augment,
                optimiser=state.optimiser,
                settings=settings,
                generator=generator,
                before_step=partial(_set_rates, state, settings, epoch),
                loader=loader,
            )
            rate = learning_rate(settings, epoch) * state.plateau.scale
            scores = {} if validation is None else judged(model, validation, loss, score, settings)
            row = {"epoch": epoch, "learning_rate": rate, "train_loss": train_loss, **scores}
            history.rows.append(row)
            if on_epoch is not None:
                on_epoch(row)
            done = _after(state, row, settings, alone=validation is None)
            kept.save(state, finished=done)
    model.eval()
    history.waited = loader.waited / (perf_counter() - began)
    return history


def _start(model: nn.Module, settings: FitSettings, generators: Mapping[str, torch.Generator]) -> State:
    return State(
        model=model,
        optimiser=build_optimiser(model, settings),
        generators=generators,
        best=Best(),
        plateau=Plateau.of(settings),
        history=History(),
    )


def _set_rates(state: State, settings: FitSettings, epoch: int, done: float) -> None:
    set_rates(state.optimiser, settings, epoch - 1 + done, state.plateau.scale)


def judged(model: nn.Module, validation: Batch, loss: Loss, score: Score, settings: FitSettings) -> dict[str, float]:
    """The scores of the model on the validation table, and its loss there where the schedule asks for it."""
    output = infer(model, validation)
    logits = output.logits["class"].float().cpu().numpy()
    scores = dict(score(logits, validation.target.argmax(dim=1).cpu().numpy()))
    if settings.schedule == "plateau":
        where = output.latent.device
        scores["validation_loss"] = float(loss(output, validation.target.to(where), validation.weight.to(where)))
    return scores


def _after(state: State, row: Mapping[str, float], settings: FitSettings, *, alone: bool) -> bool:
    """What follows from an epoch; True if it was the last one, and then the model has the weights that are kept.

    Args:
        state: After the epoch.
        row: What it came to.
        settings: The numbers.
        alone: There is no validation table: the weights of the last epoch are kept.
    """
    state.plateau.see(row.get("validation_loss", row["train_loss"]))
    last = row["epoch"] == settings.epochs
    if alone:
        state.history.best_epoch = settings.epochs if last else 0
        return last
    done = state.best.stop(state.model, row, settings) or last
    if done:
        state.best.restore(state.model)
        state.history.best_epoch = state.best.epoch
    return done
