"""Random crops of recordings become vectors, as an augmentation through which a network is trained."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from heterophony.batches import Batch
from heterophony.models.end_to_end import EndToEnd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encode:
    """An augmentation that makes vectors of random crops, so that a network is trained through them.

    Attributes:
        model: Whose encoder.
        precision: "float32" or "bfloat16".
    """

    model: EndToEnd
    precision: str = "float32"

    def draw(self, batch: Batch, generator: torch.Generator) -> Float[Tensor, " batch"]:
        """Where each crop starts, 0 .. 1 of what can be its start, uniform; drawn for absent recordings as well."""
        return torch.rand(len(batch), generator=generator, device=generator.device).to(batch.target.device)

    def apply(self, batch: Batch, params: Float[Tensor, " batch"]) -> Batch:
        """The batch with vectors in place of recordings."""
        return self.model.crops(batch, params, self.precision)
