"""SpecAugment: a band of frequencies and a stretch of time of a spectrogram are hidden."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from heterophony.errors import ConfigError

Spectrograms = Float[Tensor, "batch channels bins frames"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One hidden stretch of one axis for each sample and channel.

    Attributes:
        start: Its first place, `[batch, channels]`.
        stop: One after its last; equal to `start` where nothing is hidden.
    """

    start: Int[Tensor, "batch channels"]
    stop: Int[Tensor, "batch channels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecAugmentParams:
    """What was drawn.

    Attributes:
        bins: Hidden bands.
        frames: Hidden times.
    """

    bins: Stretch
    frames: Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecAugment:
    """Hides one band of frequencies and one stretch of time, without warping of time.

    Park et al., 2019 (arXiv:1904.08779), as Wang et al., 2022, section 2.2.1 have it: the mask parameter P of an axis
    is 10 % of its size (13 of 128 bins, 4 of 39 frames), and one mask serves the whole batch. The width is uniform in
    {0 .. P - 1}, as in the authors' code of 2020 (https://github.com/MihawkHu/DCASE2020_task1), which draws for each
    sample and channel; the start is uniform in all places where that width fits.

    Of training batches only: what is evaluated does not come here.

    Attributes:
        share: P as a part of each axis, 0 .. 1, rounded to whole places; 0 hides nothing.
        level: One mask for the whole "batch", as in the paper, or one for each "sample", as in that code.
        per_channel: Whether each channel has a mask of its own, as in that code.
        fill: What is put there: "zero", the quietest of features in 0 .. 1 and neutral for their differences; or the
            "mean" of the sample's channel.

    Raises:
        ConfigError: `share` out of range.
    """

    share: float = 0.1
    level: Literal["batch", "sample"] = "batch"
    per_channel: bool = False
    fill: Literal["zero", "mean"] = "zero"

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ConfigError(f"share must be from 0 to 1, is {self.share}")

    def draw(self, x: Spectrograms, generator: torch.Generator) -> SpecAugmentParams:
        """Draws both masks."""
        batch, channels, bins, frames = x.shape
        drawn = (batch if self.level == "sample" else 1, channels if self.per_channel else 1)
        bands, times = (self._stretch(size, drawn, generator) for size in (bins, frames))
        shape = (batch, channels)
        return SpecAugmentParams(bins=_expanded(bands, shape), frames=_expanded(times, shape))

    def apply(self, x: Spectrograms, params: SpecAugmentParams) -> Spectrograms:
        """Hides what was drawn."""
        bins, frames = hidden(params.bins, x.shape[2]), hidden(params.frames, x.shape[3])
        mask = bins[..., :, None] | frames[..., None, :]
        filling = x.mean(dim=(2, 3), keepdim=True) if self.fill == "mean" else x.new_zeros(())
        return torch.where(mask, filling, x)

    def _stretch(self, size: int, shape: tuple[int, int], generator: torch.Generator) -> Stretch:
        uniform = torch.rand(2, *shape, generator=generator, device=generator.device, dtype=torch.float64)
        width = (uniform[0] * round(self.share * size)).long()
        start = (uniform[1] * (size - width + 1)).long()
        return Stretch(start=start, stop=start + width)


def hidden(stretch: Stretch, size: int) -> Bool[Tensor, "batch channels size"]:
    """True inside the stretch, of an axis of `size` places."""
    place = torch.arange(size, device=stretch.start.device)
    return (place >= stretch.start[..., None]) & (place < stretch.stop[..., None])


def _expanded(stretch: Stretch, shape: tuple[int, int]) -> Stretch:
    return Stretch(start=stretch.start.expand(shape), stop=stretch.stop.expand(shape))
