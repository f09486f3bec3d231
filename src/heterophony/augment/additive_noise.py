"""White noise on a waveform."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32

from heterophony.augment.waveform import Waveform
from heterophony.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class AdditiveNoise:
    """Adds N(0, sigma^2) to every sample that is not zero, independently in every channel.

    "Noise adding" of Wang et al., 2022, section 2.2.1 (no number there), as in the authors' code of 2020
    (https://github.com/MihawkHu/DCASE2020_task1): sigma 0.01 whatever the level of the recording, digital silence stays
    silent, and the sum is not clipped.

    Attributes:
        sigma: Standard deviation, full scale ±1, finite and >= 0; 0.01 is -40 dB.

    Raises:
        ConfigError: `sigma` out of range.
    """

    sigma: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.sigma < float("inf"):
            raise ConfigError(f"sigma must be finite and >= 0, is {self.sigma}")

    def draw(self, x: Waveform, generator: torch.Generator) -> Float32[np.ndarray, "channels samples"]:
        """Draws for every sample; zero where it is zero."""
        noise: Waveform = torch.randn(x.shape, generator=generator, device=generator.device).cpu().numpy()
        drawn: Waveform = np.where(x != 0, np.float32(self.sigma) * noise, np.float32(0))
        return drawn

    def apply(self, x: Waveform, params: Float32[np.ndarray, "channels samples"]) -> Waveform:
        """Adds what was drawn."""
        noisy: Waveform = x + params
        return noisy
