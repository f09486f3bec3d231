"""All that changes while a model is fitted, as tensors and numbers, and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from heterophony.training.best import Best
from heterophony.training.device import device_of
from heterophony.training.history import History
from heterophony.training.schedule import Plateau
from heterophony.training.seeding import global_states, set_global_states

MODEL, BEST, OPTIMISER, CHANCE, GLOBAL = "model.", "best.", "optimiser.", "chance.", "global."


@dataclass(slots=True, kw_only=True, eq=False)
class State:
    """All that changes while a model is fitted; use it inside `seeded`.

    Attributes:
        model: With its weights.
        optimiser: Of its parameters.
        generators: Name to source of chance.
        best: The best epoch so far.
        plateau: What it says of the learning rate.
        history: What has happened.
    """

    model: nn.Module
    optimiser: torch.optim.Optimizer
    generators: Mapping[str, torch.Generator]
    best: Best
    plateau: Plateau
    history: History

    def tensors(self, *, finished: bool) -> dict[str, Tensor]:
        """Name to tensor; of a model that is finished, what the next one needs: its weights, and the generators."""
        found = _named(MODEL, self.model.state_dict())
        found |= _named(CHANCE, {name: generator.get_state() for name, generator in self.generators.items()})
        if not finished:
            found |= _named(BEST, self.best.weights)
            found |= _named(GLOBAL, global_states(self._device))
            for number, kept in self.optimiser.state_dict()["state"].items():
                found |= _named(f"{OPTIMISER}{number}.", kept)
        return found

    def numbers(self) -> dict[str, Any]:
        """What else there is, as JSON has it."""
        return {
            "rows": self.history.rows,
            "best_epoch": self.history.best_epoch,
            "best": [self.best.epoch, self.best.value],
            "plateau": asdict(self.plateau),
        }

    def take(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any], *, finished: bool) -> None:
        """Goes back to what `tensors` and `numbers` gave."""
        self.model.load_state_dict(_below(tensors, MODEL))
        for name, generator in self.generators.items():
            generator.set_state(tensors[CHANCE + name])
        self.history.rows[:] = numbers["rows"]
        self.history.best_epoch = numbers["best_epoch"]
        self.best.epoch, self.best.value = numbers["best"]
        self.plateau = Plateau(**numbers["plateau"])
        if not finished:
            self.best.weights = {name: x.to(self._device) for name, x in _below(tensors, BEST).items()}
            set_global_states(_below(tensors, GLOBAL), self._device)
            self._take_optimiser(_below(tensors, OPTIMISER))

    def _take_optimiser(self, tensors: Mapping[str, Tensor]) -> None:
        """Gives the optimiser what it had for each parameter, laid out in memory as the parameter is."""
        now = self.optimiser.state_dict()
        parameters = [one for group in self.optimiser.param_groups for one in group["params"]]
        state: dict[int, dict[str, Tensor]] = {}
        for name, kept in tensors.items():
            number, _, key = name.partition(".")
            like = parameters[int(number)]
            laid_out = torch.empty_like(like, dtype=kept.dtype).copy_(kept) if kept.shape == like.shape else kept
            state.setdefault(int(number), {})[key] = laid_out
        self.optimiser.load_state_dict({"state": state, "param_groups": now["param_groups"]})

    @property
    def _device(self) -> torch.device:
        return device_of(self.model, torch.device("cpu"))


def _named(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: x for name, x in tensors.items()}


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): x for name, x in tensors.items() if name.startswith(prefix)}
