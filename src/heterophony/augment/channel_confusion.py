"""Channel confusion: left becomes right."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from heterophony.augment.chance import refuse_no_probability
from heterophony.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfusion:
    """Swaps left and right of a sample, in the spectrograms and in all their differences.

    "Channel confusion" of Wang et al., 2022, section 2.2.1; the channels are pairs, `[L, R, delta L, delta R,
    delta-delta L, delta-delta R]` in `features.log_mel_deltas`. The probability is that of the authors' code of 2020
    (https://github.com/MihawkHu/DCASE2020_task1).

    Attributes:
        probability: Of each sample, 0 .. 1.

    Raises:
        ConfigError: `probability` out of range.
    """

    probability: float = 0.5

    def __post_init__(self) -> None:
        refuse_no_probability(self.probability)

    def draw(
        self, x: Float[Tensor, "batch channels bins frames"], generator: torch.Generator
    ) -> Bool[Tensor, " batch"]:
        """Draws who is swapped."""
        return torch.rand(len(x), generator=generator, device=generator.device) < self.probability

    def apply(
        self, x: Float[Tensor, "batch channels bins frames"], params: Bool[Tensor, " batch"]
    ) -> Float[Tensor, "batch channels bins frames"]:
        """Swaps those that were drawn.

        Raises:
            ConfigError: The channels are no pairs.
        """
        if x.shape[1] % 2:
            raise ConfigError(f"{x.shape[1]} channels are no pairs of left and right; wanted an even number")
        swapped = x.reshape(len(x), x.shape[1] // 2, 2, *x.shape[2:]).flip(2).reshape(x.shape)
        return torch.where(params[:, None, None, None], swapped, x)
