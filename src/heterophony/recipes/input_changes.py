"""From the words of a recipe to what is done to recordings, spectrograms and pictures in training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32

from heterophony.augment import (
    PICTURE_AUGMENTATIONS,
    SPECTROGRAM_AUGMENTATIONS,
    WAVEFORM_AUGMENTATIONS,
    Perturbation,
    SameClassMix,
    perturbed,
)
from heterophony.augment.chance import below, uniform
from heterophony.models.decoded_rows import Rows
from heterophony.models.load import Change, OfModality
from heterophony.recipes.spec import InputAugmentSpec, OneOfSpec, SameClassMixSpec

Waveform = Float32[np.ndarray, "channels samples"]


def changes_of(specs: Sequence[InputAugmentSpec], rows: Rows, alike: Mapping[int, Sequence[int]]) -> tuple[Change, ...]:
    """What is done to single waveforms and frames, in the order of the recipe.

    Args:
        specs: Of one modality.
        rows: That modality.
        alike: Number of a training row to those of the same class, which may be mixed with it.
    """
    return tuple(_change(spec, rows, alike) for spec in specs if spec.name not in SPECTROGRAM_AUGMENTATIONS)


def of_spectrograms(specs: Sequence[InputAugmentSpec], modality: str) -> tuple[OfModality, ...]:
    """What is done to the spectrograms of a batch, in the order of the recipe."""
    return tuple(
        OfModality(
            modality=modality, perturbation=SPECTROGRAM_AUGMENTATIONS[spec.name](**spec.model_dump(exclude={"name"}))
        )
        for spec in specs
        if spec.name in SPECTROGRAM_AUGMENTATIONS
    )


@dataclass(frozen=True, slots=True, eq=False)
class Perturb:
    """A perturbation that is done to some.

    Attributes:
        perturbation: What is done.
        probability: To how many, 0 .. 1.
    """

    perturbation: Perturbation[Any, Any]
    probability: float = 1.0

    def __call__(self, x: Any, row: int, generator: torch.Generator) -> Any:  # noqa: ANN401 - samples or pixels
        """Draws whether, then what."""
        if self.probability < 1 and uniform(0.0, 1.0, generator) >= self.probability:
            return x
        return perturbed(x, self.perturbation, generator)


@dataclass(frozen=True, slots=True, eq=False)
class Mix:
    """A random second of another training row of the class is added; the row itself stays where there is no other.

    Attributes:
        rows: Of sound.
        alike: Number of a row to those of the same class.
        low: Of `augment.SameClassMix`.
        high: Likewise.
        probability: To how many it is done, 0 .. 1.
    """

    rows: Rows
    alike: Mapping[int, Sequence[int]]
    low: float
    high: float
    probability: float

    def __call__(self, x: Waveform, row: int, generator: torch.Generator) -> Waveform:
        """Draws whether, then which."""
        applied = uniform(0.0, 1.0, generator) < self.probability
        others = [other for other in self.alike.get(row, ()) if other != row]
        if not applied or not others:
            return x
        other = others[below(len(others), generator)]
        second = below(self.rows.seconds(other), generator)
        mix = SameClassMix(others=[partial(self._read, other, second)], low=self.low, high=self.high)
        return perturbed(x, mix, generator)

    def _read(self, row: int, second: int) -> Waveform:
        return np.asarray(self.rows.at(row, second), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class OneOf:
    """One of several changes, each equally likely.

    Attributes:
        changes: Which.
        none: Whether no change is one of the choices.
    """

    changes: Sequence[Change]
    none: bool

    def __call__(self, x: Any, row: int, generator: torch.Generator) -> Any:  # noqa: ANN401 - samples or pixels
        """Draws which, then does it."""
        number = below(len(self.changes) + self.none, generator)
        return self.changes[number](x, row, generator) if number < len(self.changes) else x


def _change(spec: InputAugmentSpec, rows: Rows, alike: Mapping[int, Sequence[int]]) -> Change:
    if isinstance(spec, OneOfSpec):
        return OneOf([_change(one, rows, alike) for one in spec.of], spec.none)
    if isinstance(spec, SameClassMixSpec):
        return Mix(rows, alike, spec.low, spec.high, spec.probability)
    if spec.name in PICTURE_AUGMENTATIONS:
        return Perturb(PICTURE_AUGMENTATIONS[spec.name](**spec.model_dump(exclude={"name"})))
    numbers = spec.model_dump(exclude={"name", "probability"})
    return Perturb(WAVEFORM_AUGMENTATIONS[spec.name](**numbers), getattr(spec, "probability", 1.0))
