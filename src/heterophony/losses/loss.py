"""What a loss is: `(output, target, weight) -> scalar`."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor


@runtime_checkable
class Levelled(Protocol):
    """What a loss needs of a model's output: the logits of each level of the tree, and the vector before the heads."""

    @property
    def logits(self) -> Mapping[str, Float[Tensor, "batch _"]]:
        """Level ("class", "top") to logits, `[batch, classes of the level]`."""
        ...

    @property
    def latent(self) -> Float[Tensor, "batch _"]:
        """The vector in front of the heads, `[batch, latent]`."""
        ...


@runtime_checkable
class Loss(Protocol):
    """The signature that all losses share."""

    def __call__(
        self, output: Levelled, target: Float[Tensor, "batch classes"], weight: Float[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """The loss of a batch.

        Args:
            output: What the model returned.
            target: Soft class targets, rows sum to 1.
            weight: Weight of each sample, >= 0.
        """
        ...
