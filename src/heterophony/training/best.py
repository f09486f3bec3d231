"""The best epoch so far, by the validation table."""

import math
from collections.abc import Mapping

from torch import Tensor, nn

from heterophony.errors import ConfigError, ModelError
from heterophony.training.settings import FitSettings


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
