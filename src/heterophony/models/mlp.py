"""A plain network over the vectors of all modalities side by side: what anything cleverer must beat."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
from torch import nn

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models.dropout import Dropout
from heterophony.models.output import Output


class Mlp(nn.Module):
    """Concatenation, then layers of the given widths with ReLU, dropout after the first, and a linear head.

    As wide as the graph models of the multimodal graph fusion paper, and what is left of them without a graph. Absent
    modalities are zeros.

    Args:
        input_dims: Modality name to size of its vectors; the order is the one of `Batch.inputs`.
        n_classes: Size of the head.
        hidden: Widths, at least one.
        dropout: 0 <= p < 1.

    Raises:
        ModelError: No modality or no layer.
    """

    def __init__(
        self, input_dims: Mapping[str, int], n_classes: int, hidden: Sequence[int] = (256, 128), dropout: float = 0.5
    ) -> None:
        super().__init__()
        if not input_dims or not hidden:
            raise ModelError(f"Mlp: modalities {tuple(input_dims)}, widths {tuple(hidden)}; wanted one or more of each")
        widths = [sum(input_dims.values()), *hidden]
        self.modalities = tuple(input_dims)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.dropout = Dropout(dropout)
        self.head = nn.Linear(widths[-1], n_classes)

    def forward(self, batch: Batch) -> Output:
        """Logits "class", the last layer, and the same weight for every modality that is there.

        Raises:
            ModelError: The batch has other modalities.
        """
        if batch.modalities != self.modalities:
            raise ModelError(f"this model takes the modalities {self.modalities}; got {batch.modalities}")
        there = batch.present
        x = torch.cat([given * there[:, place, None] for place, given in enumerate(batch.inputs.values())], dim=1)
        for place, layer in enumerate(self.layers):
            x = torch.relu(layer(x))
            x = self.dropout(x) if place == 0 else x
        attention = there / there.sum(dim=1, keepdim=True).clamp_min(1)
        return Output(logits={"class": self.head(x)}, latent=x, attention=attention)
