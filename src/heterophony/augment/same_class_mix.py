"""Two recordings of one class, added."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from heterophony.augment.chance import below, refuse_range, uniform
from heterophony.augment.waveform import Waveform, fitted
from heterophony.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class SameClassMixParams:
    """What was drawn.

    Attributes:
        other: Index into `others`.
        own_share: What the waveform itself is multiplied by.
        other_share: What the other one is multiplied by.
    """

    other: int
    own_share: float
    other_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SameClassMix:
    """Adds another recording of the same class: f1 x1 + f2 x2, f1 and f2 uniform in low .. high, independently.

    "Audio mixing" of Wang et al., 2022, section 2.2.1 (no numbers there), with those of the authors' code of 2020
    (https://github.com/MihawkHu/DCASE2020_task1): 0.5 to 1; the sum may exceed full scale and is not clipped. The label
    stays: both have the same. Each other recording is equally likely; one of another length is cut or repeated.

    Attributes:
        others: Recordings of the same class, not the waveform itself, as functions that read them: only the one that
            is drawn is read. They must have as many channels.
        low: Least factor, > 0.
        high: Largest factor, >= low.

    Raises:
        ConfigError: No other recording, `low` or `high` out of range.
    """

    others: Sequence[Callable[[], Waveform]]
    low: float = 0.5
    high: float = 1.0

    def __post_init__(self) -> None:
        refuse_range("shares", self.low, self.high, above=0.0)
        if not self.others:
            raise ConfigError("no other recording of the class to mix with: it needs two at least")

    def draw(self, x: Waveform, generator: torch.Generator) -> SameClassMixParams:
        """Draws the other recording and both factors."""
        return SameClassMixParams(
            other=below(len(self.others), generator),
            own_share=uniform(self.low, self.high, generator),
            other_share=uniform(self.low, self.high, generator),
        )

    def apply(self, x: Waveform, params: SameClassMixParams) -> Waveform:
        """Adds what was drawn.

        Raises:
            ConfigError: The other recording has another number of channels.
        """
        other = self.others[params.other]()
        if len(other) != len(x):
            raise ConfigError(f"mix of {len(x)} channels with {len(other)}: read all recordings with as many")
        return x * params.own_share + fitted(other, x.shape[1]) * params.other_share
