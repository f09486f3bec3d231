"""The loop for graph models: every step sees all samples, and the rows that are asked for have a loss."""

from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from heterophony.errors import ConfigError, InputError
from heterophony.losses import Loss
from heterophony.models.nodes import Nodes
from heterophony.training.best import Best
from heterophony.training.fit import Score
from heterophony.training.groups import frozen
from heterophony.training.history import History
from heterophony.training.optimiser import build_optimiser, set_rates
from heterophony.training.schedule import learning_rate
from heterophony.training.seeding import seeded
from heterophony.training.settings import FitSettings


def fit_graph(  # noqa: PLR0913 - the parts that a recipe chooses, each by its name
    model: nn.Module,
    train: Nodes,
    target: Float[Tensor, "asked classes"],
    validation: tuple[Nodes, Float[Tensor, "held classes"]] | None,
    *,
    loss: Loss,
    settings: FitSettings,
    score: Score,
    generator: torch.Generator,
    weight: Float[Tensor, " asked"] | None = None,
    validate_every: int = 1,
    on_epoch: Callable[[dict[str, float]], None] | None = None,
) -> History:
    """Trains `model` in place; at the end it has the weights of its best epoch and is in evaluation mode.

    An epoch is one step over the whole graph. All chance (dropout) comes from `generator`. `settings.batch`,
    `accumulate`, `drop_last` and `precision` do not apply.

    Args:
        model: Takes `Nodes`, returns an `Output`.
        train: All samples, the training rows asked for.
        target: Their classes, soft or one-hot.
        validation: The same samples with the rows that choose the epoch, and their classes; None: all epochs are run.
        loss: `(output, target, weight) -> scalar`.
        settings: The numbers.
        score: Validation logits and class numbers to scores by name.
        generator: Seeds dropout.
        weight: Of each training row in the loss; None: 1.
        validate_every: Epochs between two looks at the validation rows; patience counts epochs all the same.
        on_epoch: Called with each row of the history.

    Raises:
        InputError: No row is asked for, or there are as many targets as something else.
        ConfigError: `score` does not give `settings.monitor`, a group matches no parameter, or the schedule is
            "plateau".
        ModelError: The loss is not finite any more.
    """
    _refuse(train, target, validation, settings)
    history, best = History(), Best()
    weight = torch.ones(len(target)) if weight is None else weight
    with frozen(model, settings.groups), seeded(int(torch.randint(2**63 - 1, (), generator=generator))):
        optimiser = build_optimiser(model, settings)
        for epoch in range(1, settings.epochs + 1):
            set_rates(optimiser, settings, epoch - 1)
            step = partial(_step, model, train, target, weight, loss, settings.clip)
            row = {"epoch": epoch, "learning_rate": learning_rate(settings, epoch), "train_loss": step(optimiser)}
            looks = validation is not None and (epoch % validate_every == 0 or epoch == settings.epochs)
            if looks and validation is not None:
                row |= score(say(model, validation[0]).numpy(), validation[1].argmax(dim=1).numpy())
            history.rows.append(row)
            if on_epoch is not None:
                on_epoch(row)
            if looks and best.stop(model, row, settings):
                break
    if validation is not None:
        best.restore(model)
    model.eval()
    history.best_epoch = best.epoch if validation is not None else settings.epochs
    return history


def _refuse(
    train: Nodes,
    target: Float[Tensor, "asked classes"],
    validation: tuple[Nodes, Float[Tensor, "held classes"]] | None,
    settings: FitSettings,
) -> None:
    """Refuses what cannot be fitted; see `fit_graph`."""
    if settings.schedule == "plateau":
        raise ConfigError("the schedule 'plateau' is not for graph models, whose loss is not looked at; use 'step'")
    for name, (given, wanted) in {"training": (train, target), "validation": validation or (train, target)}.items():
        if not len(given.rows) or len(given.rows) != len(wanted):
            raise InputError(f"fit_graph: {len(given.rows)} {name} rows are asked for, {len(wanted)} targets given")


def say(model: nn.Module, given: Nodes) -> Float[Tensor, "asked classes"]:
    """The class logits of the rows that are asked for, without dropout and gradients."""
    was = model.training
    model.eval()
    with torch.no_grad():
        logits: Tensor = model(given).logits["class"]
    model.train(was)
    return logits


def _step(
    model: nn.Module,
    train: Nodes,
    target: Float[Tensor, "asked classes"],
    weight: Float[Tensor, " asked"],
    loss: Loss,
    clip: float | None,
    optimiser: torch.optim.Optimizer,
) -> float:
    """Forward, backward, update; the loss before it."""
    model.train()
    optimiser.zero_grad(set_to_none=True)
    value = loss(model(train), target, weight)
    value.backward()  # type: ignore[no-untyped-call]
    if clip is not None:
        nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimiser.step()
    return float(value.detach())
