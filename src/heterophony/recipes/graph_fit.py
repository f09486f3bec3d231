"""What the loop of a graph model is given besides its rows."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from heterophony.losses import Loss
from heterophony.training import FitSettings
from heterophony.training.fit import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphFit:
    """See `training.fit_graph`."""

    loss: Loss
    settings: FitSettings
    score: Score
    generator: torch.Generator
    on_epoch: Callable[[dict[str, float]], None] | None = None
