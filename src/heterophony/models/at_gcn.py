r"""AT-GCN: graph convolutions for each modality, shared ones for what they have in common, attention over all of it."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import relu

from heterophony.errors import ConfigError
from heterophony.models.dm_gcn import convolution
from heterophony.models.dropout import Dropout
from heterophony.models.nodes import Nodes
from heterophony.models.output import Output


class AtGcn(nn.Module):
    r"""Specific and common convolutions under attention.

    Source: multimodal graph fusion, equations 4 to 6. For each modality m, with widths (256, 128)::

        H_m = relu(L_m relu(L_m X_m W_m0 + b) W_m1 + b)      its own weights
        Z_m = relu(L_m relu(L_m H_m W_c0 + b) W_c1 + b)      the same weights for all
        Z   = mean of Z_m over the modalities that are there
        E   = sum_f a_f f over f in {H_1, .., H_M, Z},  a = softmax of s_f = w . f + c, one (w, c) for all
        y   = E W + b

    The paper gives neither the depth nor the form of the attention; two layers of (256, 128) and a shared linear score
    are what its table of parameters counts (182,795 for 128 + 64 numbers and 10 classes). Dropout 0.5 acts after the
    first layer of every stack.

    An absent modality has the weight 0 and does not enter Z (ours).

    Args:
        dims: Size of each modality's vectors.
        n_classes: Size of the head.
        hidden: Widths of the two layers of every stack.
        dropout: 0 <= p < 1.

    Raises:
        ConfigError: There are not two widths.
    """

    def __init__(
        self, dims: Sequence[int], n_classes: int, hidden: Sequence[int] = (256, 128), dropout: float = 0.5
    ) -> None:
        super().__init__()
        if len(hidden) != 2:
            raise ConfigError(f"AtGcn: hidden={tuple(hidden)}; wanted the widths of two layers")
        first, second = hidden
        self.own_first = nn.ModuleList(convolution(dim, first) for dim in dims)
        self.own_second = nn.ModuleList(convolution(first, second) for _ in dims)
        self.common_first, self.common_second = convolution(second, first), convolution(first, second)
        self.dropout = Dropout(dropout)
        self.score = nn.Linear(second, 1)
        self.head = nn.Linear(second, n_classes)

    def forward(self, given: Nodes) -> Output:
        """Logits, E, and the attention; that of Z is shared out among the modalities that it is the mean of."""
        own = [self._own(given, place) for place in range(len(given.graphs))]
        there = given.present[given.rows]
        share = there / there.sum(dim=1, keepdim=True).clamp_min(1)
        common = [self._common(given, place, h) for place, h in enumerate(own)]
        middle = sum(weight * z for weight, z in zip(share.T[:, :, None], common, strict=True))
        features = torch.stack([*(h[given.rows] for h in own), middle], dim=1)
        scores = self.score(features)[:, :, 0]
        absent = torch.cat([~there, torch.zeros_like(there[:, :1])], dim=1)
        attention = scores.masked_fill(absent, -torch.inf).softmax(dim=1)
        latent = (attention[:, :, None] * features).sum(dim=1)
        of_modality = attention[:, :-1] + attention[:, -1:] * share
        return Output(logits={"class": self.head(latent)}, latent=latent, attention=of_modality)

    def _own(self, given: Nodes, place: int) -> Float[Tensor, "samples width"]:
        """H_m of all samples."""
        h = self.dropout(relu(self.own_first[place](given.first[place])))
        layer = self.own_second[place]
        return relu(given.graphs[place] @ (h @ layer.weight.T) + layer.bias)

    def _common(self, given: Nodes, place: int, h: Float[Tensor, "samples width"]) -> Float[Tensor, "asked width"]:
        """Z_m of the samples asked for."""
        z = self.dropout(relu(self.common_first(given.graphs[place] @ h)))
        layer = self.common_second
        return relu(given.asked[place] @ (z @ layer.weight.T) + layer.bias)
