"""Gaussian noise on embeddings."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseParams:
    """What was drawn.

    Attributes:
        noise: Modality name to what is added, `[batch, dim]`; zero where the modality is absent.
    """

    noise: dict[str, Float[Tensor, "batch _"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Adds N(0, sigma^2) to every coordinate of every present modality, independently.

    Always on in the training of the audio-text report, with sigma 1e-4 (audio_text.md 3.1): for unit vectors of 512
    coordinates, whose standard deviation is 0.044, that is next to nothing.

    Attributes:
        sigma: Standard deviation in the unit of the embedding, >= 0.

    Raises:
        ConfigError: `sigma` is negative.
    """

    sigma: float = 1e-4

    def __post_init__(self) -> None:
        if not self.sigma >= 0:
            raise ConfigError(f"sigma must be >= 0, is {self.sigma}")

    def draw(self, batch: Batch, generator: torch.Generator) -> NoiseParams:
        """Draws for each sample, modality and coordinate."""
        noise = {
            name: torch.empty_like(x, device=generator.device).normal_(0.0, self.sigma, generator=generator).to(x)
            for name, x in batch.inputs.items()
        }
        if not bool(batch.present.all()):
            for column, drawn in enumerate(noise.values()):
                drawn.masked_fill_(~batch.present[:, column, None], 0.0)
        return NoiseParams(noise=noise)

    def apply(self, batch: Batch, params: NoiseParams) -> Batch:
        """Adds what was drawn."""
        return replace(batch, inputs={name: x + params.noise[name] for name, x in batch.inputs.items()})
