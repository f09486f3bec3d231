"""A classifier without its head, as an encoder wants it."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn


class EmbedOnly(nn.Module):
    """Gives the embedding where the network would go on to classes.

    Args:
        network: Kept, so that its mode and its tensors follow.
        embed: Its method that takes features to `[n, dim]`.
    """

    def __init__(self, network: nn.Module, embed: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network = network
        self.embed = embed

    def forward(self, features: Float[Tensor, "n ..."]) -> Float[Tensor, "n dim"]:
        """One vector per row."""
        return self.embed(features)
