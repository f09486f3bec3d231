"""Whole modalities left out at random, so that a model learns to do without."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class ModalityDropoutParams:
    """What was drawn.

    Attributes:
        dropped: True where a present modality is left out, `[batch, modalities]`.
    """

    dropped: Bool[Tensor, "batch modalities"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModalityDropout:
    """Leaves out each present modality of each sample with a probability, but never the last one.

    Each present modality is dropped independently. Where that would leave a sample with none, one of those it had,
    each equally likely, is kept. The inputs of what is dropped become zero, and `present` says so. Not in the report
    (its fusion cannot do without a modality); ours.

    Attributes:
        probability: 0 <= p <= 1.

    Raises:
        ConfigError: `probability` out of range.
    """

    probability: float = 0.3

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ConfigError(f"probability must be from 0 to 1, is {self.probability}")

    def draw(self, batch: Batch, generator: torch.Generator) -> ModalityDropoutParams:
        """Draws for each sample and modality.

        One uniform number u per sample and modality: dropped where u < p. Of a sample that would lose all, the one with
        the largest u is kept, which is each with equal probability.
        """
        u = torch.rand(batch.present.shape, generator=generator, device=generator.device).to(batch.present.device)
        u = u.masked_fill(~batch.present, -1.0)
        keep = u.argmax(dim=1, keepdim=True)
        dropped = (u < self.probability) & batch.present
        return ModalityDropoutParams(dropped=dropped.scatter(1, keep, value=False))

    def apply(self, batch: Batch, params: ModalityDropoutParams) -> Batch:
        """Zeroes the inputs of what was dropped and marks it absent."""
        inputs = {
            name: x.masked_fill(params.dropped[:, column, None], 0.0)
            for column, (name, x) in enumerate(batch.inputs.items())
        }
        return replace(batch, inputs=inputs, present=batch.present & ~params.dropped)
