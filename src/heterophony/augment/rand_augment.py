"""RandAugment: a few operations, drawn at random, one after the other on the pictures of a clip."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import UInt8

from heterophony.augment.chance import below, refuse_no_probability, uniform
from heterophony.augment.picture_magnitudes import STEPS, Scale, strength
from heterophony.augment.picture_operations import NAMES, Picture, changed
from heterophony.errors import ConfigError

Pictures = UInt8[np.ndarray, "frames height width 3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One operation as it was drawn.

    Attributes:
        operation: Its name.
        strength: See `picture_magnitudes.strength`.
        place: Middle of a cutout, as parts of height and width.
    """

    operation: str
    strength: float
    place: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RandAugment:
    """Applies n operations in sequence, each drawn with equal probability from all that are given, with replacement.

    Cubuk et al., 2020 (arXiv:1909.13719), as Wang et al., 2022, sections 2.2.2 and 3.3 have it: M = 14, and after
    trials of each of 15 operations alone, n = 2 of sharpness, contrast and identity (default), so that one picture in
    nine stays as it is. A trial of one operation is `RandAugment(operations=("rotate",), n=1, probability=0.5)`.

    Of training pictures only, before they are normalised. Size and type stay.

    Attributes:
        operations: What is drawn from; names in `picture_operations.NAMES`.
        n: How many are applied.
        magnitude: M, 0 .. 30.
        scale: What M means; see `picture_magnitudes`.
        probability: With which each drawn operation is applied, 0 .. 1.
        frames: All pictures of a clip get the "same" draw, or each its "own"; the paper does not say.

    Raises:
        ConfigError: An unknown operation, or one that the scale lacks; `n`, `magnitude` or `probability` out of range.
    """

    operations: tuple[str, ...] = ("sharpness", "contrast", "identity")
    n: int = 2
    magnitude: float = 14.0
    scale: Scale = "m30"
    probability: float = 1.0
    frames: Literal["same", "own"] = "same"

    def __post_init__(self) -> None:
        refuse_no_probability(self.probability)
        if not self.operations or self.n < 1:
            raise ConfigError(f"wanted one operation at least, n >= 1; came {self.operations}, n = {self.n}")
        if not 0 <= self.magnitude <= STEPS:
            raise ConfigError(f"magnitude must be from 0 to {STEPS}, is {self.magnitude}")
        for name in self.operations:
            if name not in NAMES:
                raise ConfigError(f"no operation on pictures is called {name!r}; there are {', '.join(NAMES)}")
            strength(name, self.magnitude, self.scale, 1, (1, 1))

    def draw(self, x: Pictures, generator: torch.Generator) -> tuple[tuple[Step, ...], ...]:
        """Draws the operations of each picture, in order; those that are not applied are "identity"."""
        size, times = x.shape[1:3], 1 if self.frames == "same" else len(x)
        drawn = [tuple(self._step(size, generator) for _ in range(self.n)) for _ in range(times)]
        return tuple(drawn * len(x) if self.frames == "same" else drawn)

    def apply(self, x: Pictures, params: tuple[tuple[Step, ...], ...]) -> Pictures:
        """Applies what was drawn."""
        result = np.empty_like(x)
        for place, (picture, steps) in enumerate(zip(x, params, strict=True)):
            result[place] = _after(picture, steps)
        return result

    def _step(self, size: tuple[int, int], generator: torch.Generator) -> Step:
        name = self.operations[below(len(self.operations), generator)]
        applied = uniform(0.0, 1.0, generator) < self.probability
        sign = 1 if below(2, generator) else -1
        place = (uniform(0.0, 1.0, generator), uniform(0.0, 1.0, generator))
        if not applied:
            return Step(operation="identity", strength=0.0, place=place)
        return Step(operation=name, strength=strength(name, self.magnitude, self.scale, sign, size), place=place)


def _after(picture: Picture, steps: tuple[Step, ...]) -> Picture:
    for step in steps:
        picture = changed(picture, step.operation, step.strength, step.place)
    return picture
