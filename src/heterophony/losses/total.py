"""Weighted sum of losses."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from heterophony.errors import ConfigError
from heterophony.losses.loss import Levelled, Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """`sum_k lambda_k loss_k`, every loss on the same output, targets and sample weights.

    The contrastive runs of the audio-text report are `Total(terms=((1.0, CrossEntropy()), (0.2,
    SupervisedContrastive(...))))` (audio_text.md 4.2).

    Attributes:
        terms: (lambda, loss) of each; lambda finite and >= 0, at least one term.

    Raises:
        ConfigError: No term, or a lambda out of range.
    """

    terms: tuple[tuple[float, Loss], ...]

    def __post_init__(self) -> None:
        if not self.terms:
            raise ConfigError("terms: a sum of losses needs at least one, got none")
        for factor, loss in self.terms:
            if not (math.isfinite(factor) and factor >= 0):
                raise ConfigError(f"terms: the weight of {type(loss).__name__} must be finite and >= 0, is {factor}")

    def __call__(
        self, output: Levelled, target: Float[Tensor, "batch classes"], weight: Float[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """The loss of a batch; see `Loss`."""
        return torch.stack([factor * loss(output, target, weight) for factor, loss in self.terms]).sum()
