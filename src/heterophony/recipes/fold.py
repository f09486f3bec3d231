"""Training on one part of a collection: priors out of fold, borrowed rows, networks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Int
from torch import nn

from heterophony.augment import Augmentation
from heterophony.batches import Batch
from heterophony.metrics import evaluate
from heterophony.models import Banked, Joint
from heterophony.recipes.build import build_augmentation, build_loss, build_model, build_settings
from heterophony.recipes.build_graph import Around, fit_graph_model
from heterophony.recipes.finetune import Tuning
from heterophony.recipes.graph_fit import GraphFit
from heterophony.recipes.inputs import Said, borrow, joined, table
from heterophony.recipes.joint import Joining
from heterophony.recipes.known_rows import KnownRows, known_rows
from heterophony.recipes.priors import Priors, fit_priors, log_priors, out_of_fold
from heterophony.recipes.protocol import seen_together
from heterophony.recipes.prototypes import prior_specs
from heterophony.recipes.rows import row_weights
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import GraphSpec, Recipe
from heterophony.recipes.stages import train_stages
from heterophony.recipes.trained import Trained
from heterophony.taxonomy import Taxonomy
from heterophony.training import Checkpoints, FitSettings, History, fit, seeded

OnEpoch = Callable[[dict[str, float]], None]
STAGES = 4_001
"""What the seed of the stages' own heads is derived with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is the same for every fold.

    Attributes:
        recipe: How to train.
        taxonomy: The classes.
        dims: Modality to size of embedding.
        tuning: What the encoder that is fine-tuned needs; None where none is.
        joining: What the encoders that are trained jointly need; None where none are.
        device: Where networks are trained; graph models on the processor only.
        threads: Of a recipe that trains encoders jointly, in one process; 0: one per core. Other recipes have one.
        checkpoints: Where the state of each fit is kept, so that a run that was killed goes on; None: nowhere.
    """

    recipe: Recipe
    taxonomy: Taxonomy
    dims: Mapping[str, int]
    tuning: Tuning | None = None
    joining: Joining | None = None
    device: str = "cpu"
    threads: int = 0
    checkpoints: Checkpoints | None = None

    def below(self, part: str) -> "Task":
        """The same for a part of the run, whose checkpoints have a folder of their own."""
        return self if self.checkpoints is None else replace(self, checkpoints=self.checkpoints.below(part))

    def checkpoint(self, fit: str) -> Path | None:
        """The file for the state of a fit; None where nothing is kept."""
        return None if self.checkpoints is None else self.checkpoints.at(fit)


def train_fold(
    task: Task,
    train: Samples,
    validation: Samples,
    seed: int,
    on_epoch: OnEpoch | None = None,
    beside: Samples | None = None,
) -> tuple[Trained, list[History]]:
    """Fits everything on `train`; `validation` chooses the epoch, or as the recipe's `fit.validation` says.

    Args:
        task: Recipe, tree, sizes.
        train: Samples with labels.
        validation: More of them.
        seed: Of this fold; every member draws its own from it.
        on_epoch: Called with each row of each history.
        beside: Rows that are in the graph without their labels; of transductive graph models alone.

    Returns:
        What was trained (not calibrated), and the history of each member.
    """
    use, members = task.recipe.fit.validation, task.recipe.members
    if use == "train":
        everything, _ = joined((train, {}), (validation, {}))
        return train_all(task, everything, seed, [task.recipe.fit.epochs] * members, on_epoch, beside)
    priors, ready = prepared(task, train, seed)
    held = table(validation, log_priors(priors, task.recipe.priors, validation), task.taxonomy.n_classes)
    held = replace(held, clips=seen_together(task.recipe, validation))
    around = _around(task, train, validation, beside)
    fitted = [
        train_member(task.below(f"member_{member}"), ready, held, derive(seed, member), (), on_epoch, around=around)
        for member in range(members)
    ]
    histories = [history for _, history in fitted]
    if use == "refit":
        everything, _ = joined((train, {}), (validation, {}))
        epochs = [history.best_epoch for history in histories]
        stages = [history.best_epoch for history in histories[0].earlier]
        return train_all(task.below("refit"), everything, seed, epochs, on_epoch, beside, stages)[0], histories
    known = _known(task, [train], [] if beside is None else [validation, beside])
    return as_trained(task, [network for network, _ in fitted], priors, known), histories


def train_all(
    task: Task,
    samples: Samples,
    seed: int,
    epochs: Sequence[int],
    on_epoch: OnEpoch | None = None,
    beside: Samples | None = None,
    stages: Sequence[int] = (),
) -> tuple[Trained, list[History]]:
    """Fits everything on all samples, each member for the epochs given for it.

    `beside` is as in `train_fold`; `stages` are the epochs of the stages before the last one; none: the recipe's.
    """
    priors, ready = prepared(task, samples, seed)
    around = _around(task, samples, None, beside)
    before: Sequence[int | None] = stages or [None] * len(task.recipe.stages)
    fitted = [
        train_member(
            task.below(f"member_{number}"),
            ready,
            None,
            derive(seed, number),
            [*before, count],
            on_epoch,
            around=around,
        )
        for number, count in enumerate(epochs)
    ]
    known = _known(task, [samples], [] if beside is None else [beside])
    return as_trained(task, [network for network, _ in fitted], priors, known), [history for _, history in fitted]


def derive(*numbers: int) -> int:
    """A seed from seeds: fold 3 alone draws what it draws among five."""
    return int(np.random.SeedSequence(list(numbers)).generate_state(1, np.uint32)[0])


def as_trained(task: Task, members: list[nn.Module], priors: Priors, known: KnownRows | None = None) -> Trained:
    """Networks, priors and the rows that a graph model knows as one thing, not calibrated."""
    return Trained(
        recipe=task.recipe,
        taxonomy=task.taxonomy,
        dims=task.dims,
        members=members,
        priors=priors,
        temperatures={},
        known=known,
    )


def _known(task: Task, taught: Sequence[Samples], beside: Sequence[Samples]) -> KnownRows | None:
    """Who the rows of a graph model are; the labels of those `beside` taught it nothing."""
    return known_rows(taught, beside, task.taxonomy) if isinstance(task.recipe.model, GraphSpec) else None


def prepared(task: Task, samples: Samples, seed: int) -> tuple[Priors, Batch]:
    """Fitted priors, and the training table with what they say of it out of fold and with its borrowed rows."""
    specs = prior_specs(task.recipe)
    own: tuple[Samples, Said] = (samples, out_of_fold(specs, _as_tested(task, samples), task.taxonomy, derive(seed, 1)))
    if task.recipe.pairs:
        own = joined(own, borrow(*own, specs, task.taxonomy, task.recipe.pairs, derive(seed, 2)))
    weight = row_weights(task.recipe, own[0])
    return fit_priors(specs, samples, task.taxonomy), table(*own, task.taxonomy.n_classes, weight)


def _as_tested(task: Task, samples: Samples) -> Samples:
    """The rows with their groups only if the folds keep groups whole.

    Priors must meet their training rows as they will meet the test rows: where those share uploaders with the training
    rows, a prior that is never shown an uploader twice would seem worse than it is, and be trusted too little.
    """
    if task.recipe.split.kind != "stratified":
        return samples
    return replace(samples, groups=(None,) * len(samples))


def _around(task: Task, train: Samples, held: Samples | None, beside: Samples | None) -> Around:
    if beside is None:
        return Around(groups=train.groups)
    groups = train.groups + (() if held is None else held.groups) + beside.groups
    return Around(groups=groups, beside=table(beside, {}, task.taxonomy.n_classes))


def train_member(
    task: Task,
    ready: Batch,
    held: Batch | None,
    seed: int,
    epochs: Sequence[int | None],
    on_epoch: OnEpoch | None,
    start: nn.Module | None = None,
    around: Around | None = None,
) -> tuple[nn.Module, History]:
    """One network and its history.

    Args:
        task: Recipe, tree, sizes.
        ready: The training table.
        held: The table that chooses the epoch; None: the last one is kept.
        seed: Of all that is drawn.
        epochs: Of the stages and of the last one, in place of the recipe's; None, or none at all: the recipe's.
        on_epoch: Called with each row of the history.
        start: A network that is trained on; None: a fresh one.
        around: What graph models, and they alone, are told beside.
    """
    recipe = task.recipe
    generator = torch.Generator().manual_seed(seed)
    with seeded(seed):
        network = build_model(recipe, task.dims, task.taxonomy) if start is None else start
        if task.joining is not None:
            network = task.joining.network(network)
    network.to(task.device)
    augment = [build_augmentation(spec, ready) for spec in recipe.augment]
    *counts, last = epochs or [None] * (len(recipe.stages) + 1)
    settings = build_settings(recipe.fit, last)

    def score(logits: Float32[np.ndarray, "n c"], target: Int[np.ndarray, " n"]) -> dict[str, float]:
        return evaluate(logits, target, task.taxonomy)

    loss = build_loss(recipe.loss, task.taxonomy, ready)
    if isinstance(recipe.model, GraphSpec) and isinstance(network, Banked) and around is not None:
        common = GraphFit(loss=loss, settings=settings, score=score, generator=generator, on_epoch=on_epoch)
        return network, fit_graph_model(network, recipe.model, ready, held, around, common)
    train = partial(fit, loss=loss, score=score, generator=generator)
    if task.tuning is not None:
        first = partial(train, checkpoint=task.checkpoint("head"))
        train = partial(train, checkpoint=task.checkpoint("last"), on_epoch=on_epoch)
        network, augment, settings = task.tuning.end_to_end(network, ready, held, augment, settings, first)
        return network, train(network, ready, held, augment=augment, settings=settings)

    with seeded(derive(seed, STAGES)):  # a stage may draw a head of its own
        stages = partial(train, on_epoch=on_epoch)
        return network, _in_stages(task, network, (ready, held), augment, settings, counts, stages)


def _in_stages(
    task: Task,
    network: nn.Module,
    tables: tuple[Batch, Batch | None],
    augment: Sequence[Augmentation[Any]],
    settings: FitSettings,
    counts: Sequence[int | None],
    train: Callable[..., History],
) -> History:
    """The stages of a recipe, for so many epochs, and then the last one, with these augmentations and numbers."""
    ready, held = tables

    def fit_one(
        part: nn.Module,
        taught: Batch,
        chosen: Batch | None,
        augment: Sequence[Augmentation[Any]],
        settings: FitSettings,
        name: str,
    ) -> History:
        ahead: Sequence[Augmentation[Any]] = ()
        if task.joining is not None and isinstance(part, Joint):
            ahead, augment = task.joining.augmentations(part, taught, augment, settings.precision)
        here = part.to(task.device)
        train_one = partial(train, settings=settings, checkpoint=task.checkpoint(name))
        return train_one(here, taught, chosen, augment=augment, ahead=ahead)

    before = [
        (spec, [build_augmentation(one, ready) for one in spec.augment], build_settings(spec.fit, count))
        for spec, count in zip(task.recipe.stages, counts, strict=True)
    ]
    earlier = train_stages(network, before, ready, held, fit_one)
    rates = settings if task.joining is None else task.joining.last(settings)
    history = fit_one(network, ready, held, augment, rates, "last")
    history.earlier = earlier
    return history
