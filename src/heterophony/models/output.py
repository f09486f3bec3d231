"""What every model returns."""

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The result of one forward pass.

    Attributes:
        logits: Level of the tree to logits, `[batch, classes of the level]`: "class", and "top" where the model has a
            head for the top level.
        latent: The vector in front of the heads, `[batch, latent]`.
        attention: Weight of each modality in each sample, `[batch, modalities]`: >= 0, rows sum to 1, 0 where absent.
    """

    logits: Mapping[str, Float[Tensor, "batch _"]]
    latent: Float[Tensor, "batch latent"]
    attention: Float[Tensor, "batch modalities"]


def even_attention(present: Bool[Tensor, "batch modalities"]) -> Float[Tensor, "batch modalities"]:
    """The same weight for every modality that is there; rows of samples that have none are zero."""
    return present / present.sum(dim=1, keepdim=True).clamp_min(1)
