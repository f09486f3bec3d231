"""Speed change: faster or slower, at the length that it had."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import soxr
import torch

from heterophony.augment.chance import refuse_range, uniform
from heterophony.augment.waveform import Waveform, fitted, librosa_effects, padded

RATE_HZ = 48_000
"""Only the ratio of two rates counts, so this one stands for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedChange:
    """Plays faster or slower, by a factor uniform in low .. high, every channel alike.

    "Speed changing" of Wang et al., 2022, section 2.2.1 (no numbers there), with those of the authors' code of 2020
    (https://github.com/MihawkHu/DCASE2020_task1): 0.5 to 2. What became longer is cut at its end, what became shorter
    is repeated from its beginning.

    Attributes:
        low: Least factor, > 0; below 1 is slower.
        high: Largest factor, >= low.
        pitch: "kept", as in that code: a phase vocoder, librosa's, which treats each channel by itself; or "moved",
            as a tape would: resampling (soxr, HQ), which keeps left and right together.

    Raises:
        ConfigError: `low` or `high` out of range.
    """

    low: float = 0.5
    high: float = 2.0
    pitch: Literal["kept", "moved"] = "kept"

    def __post_init__(self) -> None:
        refuse_range("speed", self.low, self.high, above=0.0)

    def draw(self, x: Waveform, generator: torch.Generator) -> float:
        """Draws the factor."""
        return uniform(self.low, self.high, generator)

    def apply(self, x: Waveform, params: float) -> Waveform:
        """Plays `params` times as fast.

        Raises:
            MissingExtraError: The pitch is kept, and librosa is not installed.
        """
        if self.pitch == "moved":
            changed = soxr.resample(x.T, RATE_HZ * params, RATE_HZ).T
        else:
            changed = librosa_effects().time_stretch(padded(x), rate=params)[:, : round(x.shape[1] / params)]
        return np.ascontiguousarray(fitted(np.asarray(changed, dtype=np.float32), x.shape[1]))
