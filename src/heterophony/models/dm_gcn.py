r"""DM-GCN: a graph convolution over a mixture of graphs whose weights are learned; with one graph, the plain GCN."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import relu

from heterophony.errors import ConfigError
from heterophony.models.dropout import Dropout
from heterophony.models.nodes import Nodes
from heterophony.models.output import Output


class DmGcn(nn.Module):
    r"""Two layers over $L^{(t)} = \sum_m \theta_m^{(t)} L_m$, both read by the head.

    Source: multimodal graph fusion, equations 2 and 3, with H = (256, 128)::

        H1 = relu(L0 X W0 + b0)      X: the vectors of all modalities side by side
        H2 = relu(L1 H1 W1 + b1)
        y  = [H1, H2] W2 + b2        softmax in the loss

    theta of a layer is a softmax of free numbers, 1/M at first. L is never made: the products with the L_m are mixed.
    Dropout 0.5 acts on H1, and the head sees the dropped H1 (the paper says "for the first layer").

    One graph, widths (128, 128): the GCN of a single modality. One graph that is a mean of graphs: Mean-GCN. Neither
    has a theta.

    Where a sample lacks a modality, theta is shared out among those that it has (ours).

    Args:
        dim: Size of X.
        n_classes: Size of the head.
        n_graphs: M.
        hidden: Widths of the two layers.
        dropout: 0 <= p < 1.

    Raises:
        ConfigError: There are not two widths.
    """

    def __init__(
        self, dim: int, n_classes: int, n_graphs: int = 1, hidden: Sequence[int] = (256, 128), dropout: float = 0.5
    ) -> None:
        super().__init__()
        if len(hidden) != 2:
            raise ConfigError(f"DmGcn: hidden={tuple(hidden)}; wanted the widths of two layers")
        first, second = hidden
        self.theta = nn.Parameter(torch.zeros(2, n_graphs)) if n_graphs > 1 else None
        self.first, self.second = convolution(dim, first), convolution(first, second)
        self.dropout = Dropout(dropout)
        self.head = nn.Linear(first + second, n_classes)

    def forward(self, given: Nodes) -> Output:
        """Logits, [H1, H2] and the mixture of the second layer, for the samples asked for."""
        mixture = self.mixture(given)
        mixed = sum(weight * x for weight, x in zip(mixture[0].T[:, :, None], given.first, strict=True))
        h1 = self.dropout(relu(self.first(mixed)))
        asked = mixture[1][given.rows]
        inner = h1 @ self.second.weight.T
        spread = sum(weight * (graph @ inner) for weight, graph in zip(asked.T[:, :, None], given.asked, strict=True))
        h2 = relu(spread + self.second.bias)
        latent = torch.cat([h1[given.rows], h2], dim=1)
        return Output(logits={"class": self.head(latent)}, latent=latent, attention=asked)

    def mixture(self, given: Nodes) -> Float[Tensor, "layers samples graphs"]:
        """Theta of each layer and sample: >= 0, 0 where absent; sums to 1, or to 0 where a sample has nothing."""
        there = given.present.to(given.first[0].dtype)
        if self.theta is None:
            return torch.ones_like(there).expand(2, -1, -1)
        share = self.theta.softmax(dim=1)[:, None, :] * there
        return share / share.sum(dim=2, keepdim=True).clamp_min(torch.finfo(share.dtype).tiny)


def convolution(dim: int, width: int) -> nn.Linear:
    """W and b of a graph convolution: Glorot's uniform, zeros (Kipf and Welling, ICLR 2017)."""
    made = nn.Linear(dim, width)
    nn.init.xavier_uniform_(made.weight)
    nn.init.zeros_(made.bias)
    return made
