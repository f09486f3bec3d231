"""A plain network over the vectors of all modalities side by side: what anything cleverer must beat."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models.blocks import normalise
from heterophony.models.dropout import Dropout
from heterophony.models.output import Output, even_attention


class Mlp(nn.Module):
    """Concatenation, then layers of the given widths with ReLU, dropout after the first, and a linear head.

    As wide as the graph models of the multimodal graph fusion paper, and what is left of them without a graph. Absent
    modalities are zeros.

    With `norm` each layer is Linear, batch normalisation, ReLU, Dropout: the classifier of the official baseline of
    audio-visual scenes (audio_visual.md C.4), whose widths 512, 128, 64 the joint modelling paper has too, without
    saying what is between its layers. Zeros of absent modalities count in the statistics. A training batch of one row
    is normalised with the running statistics (see `blocks.normalise`).

    Args:
        input_dims: Modality name to size of its vectors; the order is the one of `Batch.inputs`.
        n_classes: Size of the head.
        hidden: Widths; none: the head alone, one linear layer.
        dropout: 0 <= p < 1.
        norm: Batch normalisation, and dropout after every layer.

    Raises:
        ModelError: No modality.
    """

    def __init__(
        self,
        input_dims: Mapping[str, int],
        n_classes: int,
        hidden: Sequence[int] = (256, 128),
        dropout: float = 0.5,
        *,
        norm: bool = False,
    ) -> None:
        super().__init__()
        if not input_dims:
            raise ModelError(f"Mlp: modalities {tuple(input_dims)}; wanted one or more")
        widths = [sum(input_dims.values()), *hidden]
        self.modalities = tuple(input_dims)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for width in hidden) if norm else None
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
            x = self.after(place, layer(x))
        return Output(logits={"class": self.head(x)}, latent=x, attention=even_attention(there))

    def after(self, place: int, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch width"]:
        """What follows the linear layer of this place, 0 for the first."""
        if self.norms is None:
            x = torch.relu(x)
            return self.dropout(x) if place == 0 else x
        norm = self.norms[place]
        assert isinstance(norm, nn.BatchNorm1d)
        dropped: Tensor = self.dropout(torch.relu(normalise(norm, x)))
        return dropped
