"""The optimiser of a run, its groups of parameters, and their learning rates."""

from collections import defaultdict
from typing import Any

import torch
from torch import nn

from heterophony.errors import ConfigError
from heterophony.training.groups import group_of, refuse_groups_without_parameters
from heterophony.training.schedule import rate_factor
from heterophony.training.settings import FitSettings

MOMENTUM = 0.9


def build_optimiser(model: nn.Module, settings: FitSettings) -> torch.optim.Optimizer:
    """Adam, AdamW or SGD, fused, over the parameters of `model` that ask for a gradient, in the groups of the settings.

    Raises:
        ConfigError: A group matches no parameter, or all parameters are frozen.
    """
    refuse_groups_without_parameters(model, settings.groups)
    members: dict[int | None, list[nn.Parameter]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            members[group_of(name, settings.groups)].append(parameter)
    if not members:
        raise ConfigError("every parameter of the model is frozen: there is nothing to train")
    groups = [{"params": parameters, **_numbers(number, settings)} for number, parameters in members.items()]
    if settings.optimiser == "sgd":
        return torch.optim.SGD(groups, momentum=MOMENTUM, fused=True)
    kind = torch.optim.Adam if settings.optimiser == "adam" else torch.optim.AdamW
    return kind(groups, fused=True)


def _numbers(number: int | None, settings: FitSettings) -> dict[str, Any]:
    """Learning rate and weight decay of a group, and the rate that the schedule starts from."""
    group = None if number is None else settings.groups[number]
    lr = settings.lr if group is None or group.lr is None else group.lr
    decay = settings.weight_decay if group is None or group.weight_decay is None else group.weight_decay
    return {"lr": lr, "initial_lr": lr, "weight_decay": decay}


def set_rates(optimiser: torch.optim.Optimizer, settings: FitSettings, done: float, scale: float = 1.0) -> None:
    """Gives every group its learning rate after `done` epochs, with the part of the present one, times `scale`."""
    factor = rate_factor(settings, done) * scale
    for group in optimiser.param_groups:
        group["lr"] = group["initial_lr"] * factor
