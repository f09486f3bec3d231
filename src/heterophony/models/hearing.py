"""How recordings get into the network of an encoder, and what becomes of the vectors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from heterophony.errors import ConfigError


@runtime_checkable
class Recordings(Protocol):
    """What is heard; see `media.Waveforms`."""

    def whole(self, row: int) -> Float32[np.ndarray, " samples"]:
        """All of a recording."""

    def crop(self, row: int, share: float, length: int) -> Float32[np.ndarray, " length"]:
        """A part of it, from `share` of what can be its start."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hearing:
    """How recordings get into the network of an encoder.

    Attributes:
        recordings: By number.
        prepare: Windows `[n, samples]` to the input of the network.
        window: Samples of a crop in training, and of the windows that cover a recording otherwise.
        pooling: What is done with the vectors of all windows; see `POOLINGS`.
        dim: Numbers that the pooled vector has.
    """

    recordings: Recordings
    prepare: Callable[[Float32[np.ndarray, "n samples"]], Float32[np.ndarray, "n ..."]]
    window: int
    pooling: str
    dim: int


def pooled_alone(vectors: Float[Tensor, "n dim"], kind: str) -> Float[Tensor, "n pooled"]:
    """What `encoders.pool` makes of a recording of one window, with gradient.

    Raises:
        ConfigError: Unknown kind.
    """
    if kind == "mean":
        return vectors
    if kind == "mean+max":
        return torch.cat([vectors, vectors], dim=1)
    if kind == "mean+std":
        return torch.cat([vectors, torch.zeros_like(vectors)], dim=1)
    if kind == "unit-mean":
        return torch.nn.functional.normalize(vectors, dim=1)
    raise ConfigError(f"pooling {kind!r} is unknown; there are mean, mean+max, mean+std, unit-mean")
