"""Pitch shift: another pitch, the same length."""

from dataclasses import dataclass

import numpy as np
import torch

from heterophony.augment.chance import uniform
from heterophony.augment.waveform import Waveform, librosa_effects, padded
from heterophony.errors import ConfigError

RATE_HZ = 48_000
"""Only the ratio of two rates counts, so this one stands for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PitchShift:
    """Shifts the pitch by a number of semitones, uniform in -semitones .. semitones, every channel alike.

    "Pitch shifting" of Wang et al., 2022, section 2.2.1 (no numbers there), with those of the authors' code of 2020
    (https://github.com/MihawkHu/DCASE2020_task1): 4 semitones up or down. Like there by librosa: a phase vocoder
    (frames of 2048 samples, hop 512), then resampling. It treats each channel by itself, so the phase between left and
    right is not kept.

    Attributes:
        semitones: The most, finite and >= 0.

    Raises:
        ConfigError: `semitones` out of range.
    """

    semitones: float = 4.0

    def __post_init__(self) -> None:
        if not 0 <= self.semitones < float("inf"):
            raise ConfigError(f"semitones must be finite and >= 0, is {self.semitones}")

    def draw(self, x: Waveform, generator: torch.Generator) -> float:
        """Draws by how many semitones; a fraction."""
        return uniform(-self.semitones, self.semitones, generator)

    def apply(self, x: Waveform, params: float) -> Waveform:
        """Shifts by `params` semitones; up where positive.

        Raises:
            MissingExtraError: librosa is not installed.
        """
        shifted = librosa_effects().pitch_shift(padded(x), sr=RATE_HZ, n_steps=params)
        return np.ascontiguousarray(shifted[:, : x.shape[1]], dtype=np.float32)
