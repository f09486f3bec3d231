"""The stages before the last one: parts of a network alone, or all of it, trained one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from heterophony.augment import Augmentation
from heterophony.batches import Batch
from heterophony.errors import InputError
from heterophony.models import Joint, Mlp
from heterophony.models.official_baseline import OfficialBaseline
from heterophony.models.recurrent_fusion import RecurrentFusion
from heterophony.recipes.spec import StageSpec
from heterophony.training import FitSettings, History

FitOne = Callable[[nn.Module, Batch, Batch | None, Sequence[Augmentation[Any]], FitSettings, str], History]
"""Model, training table, validation table, augmentations of the recipe, numbers, and the name of the stage."""


def train_stages(
    network: nn.Module,
    stages: Sequence[tuple[StageSpec, Sequence[Augmentation[Any]], FitSettings]],
    ready: Batch,
    held: Batch | None,
    fit_one: FitOne,
) -> tuple[History, ...]:
    """Trains what each stage names, in place; each goes on from the best epoch of the one before.

    Args:
        network: All of it.
        stages: What the recipe says, its augmentations and numbers.
        ready: The training rows.
        held: Those that choose the epoch, if any do.
        fit_one: Trains one.

    Returns:
        The history of each stage.

    Raises:
        InputError: No training row, or none that chooses the epoch, has the modality of a stage.
    """
    histories = []
    for number, (spec, augment, settings) in enumerate(stages):
        part, tables = network, [ready, held]
        if spec.of:
            part = part_of(network, spec.of, ready.target.shape[1])
            tables = [None if table is None else just(table, spec.of) for table in tables]
        taught, chosen = tables
        for name, table in (("training", taught), ("validation", chosen)):
            if table is not None and not len(table):
                raise InputError(f"stages.{number}: no {name} row has {spec.of}")
        assert taught is not None
        histories.append(fit_one(part, taught, chosen, augment, settings, f"stage_{number}"))
    return tuple(histories)


def part_of(network: nn.Module, modality: str, n_classes: int) -> nn.Module:
    """What of a network belongs to one modality, with the network's own head for it, or a linear one that is new."""
    if not isinstance(network, Joint):
        assert isinstance(network, OfficialBaseline)  # refused by the recipe
        return network.alone(modality)
    if isinstance(network.head, RecurrentFusion | OfficialBaseline):
        return network.alone(modality, network.head.alone(modality))
    return network.alone(modality, Mlp({modality: network.rows[modality].dim}, n_classes, hidden=()))


def just(batch: Batch, modality: str) -> Batch:
    """The rows that have a modality, with that one alone."""
    place = batch.modalities.index(modality)
    there = batch.present[:, place].nonzero().flatten()
    some = batch.take(there)
    present = torch.ones(len(there), 1, dtype=torch.bool, device=batch.present.device)
    return replace(some, inputs={modality: some.inputs[modality]}, present=present, priors={}, clips=None)
