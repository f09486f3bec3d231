"""The official baseline of audio-visual scenes: a network for each modality, and two layers over both."""

from collections.abc import Mapping

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models.blocks import normalise
from heterophony.models.mlp import Mlp
from heterophony.models.output import Output, even_attention

HIDDEN = (512, 128, 64)
DROPOUT = 0.2


class OfficialBaseline(nn.Module):
    """Two trained networks are cut after their second linear layer, and what they say there is read together.

    ::

        net_m:   z-score; three times (Linear, BatchNorm, ReLU, Dropout 0.2) of widths 512, 128, 64; Linear -> C
        h_m    = second linear layer of net_m, 128 numbers, before its normalisation
        logits = Linear(128 -> C)(Linear(128 M -> 128)([h_1 .. h_M]))          nothing in between

    Source: Wang et al., A Curated Dataset of Urban Scenes for Audio-Visual Scene Analysis, ICASSP 2021, and the code of
    DCASE 2021 task 1B (audio_visual.md D.2, E), which takes the first five modules of the networks: two blocks would
    be eight, so what is read has been through no normalisation and no ReLU. Two modalities of 512 numbers (OpenL3),
    ten classes: 338,634 parameters each and 34,186 over them, 711,454. There the networks are trained first, each
    `alone`, and then stay as they are: stages of a recipe, and the group `nets`, frozen.

    Ours: z-scores are a batch normalisation without parameters, whose statistics are those of the training rows on
    average, and those of the batch in training (there: of all training rows, in training too); of an absent modality
    h is zero, and its rows do not enter the statistics; any number of modalities.

    Args:
        input_dims: Modality name to size of its vectors; the order is the one of `Batch.inputs`.
        n_classes: C.

    Raises:
        ModelError: No modality.
    """

    def __init__(self, input_dims: Mapping[str, int], n_classes: int) -> None:
        super().__init__()
        if not input_dims:
            raise ModelError("OfficialBaseline: no modality; wanted one or more")
        self.modalities = tuple(input_dims)
        self.nets = nn.ModuleDict({name: OneModality(name, dim, n_classes) for name, dim in input_dims.items()})
        self.fuse = nn.Linear(HIDDEN[1] * len(input_dims), HIDDEN[1])
        self.head = nn.Linear(HIDDEN[1], n_classes)

    def forward(self, batch: Batch) -> Output:
        """Logits "class", the layer before them `[batch, 128]`, the same weight for every modality that is there.

        Raises:
            ModelError: The batch has other modalities.
        """
        if batch.modalities != self.modalities:
            raise ModelError(f"this model takes the modalities {self.modalities}; got {batch.modalities}")
        hidden = torch.cat([self.alone(name).hidden(batch) for name in self.modalities], dim=1)
        latent = self.fuse(hidden)
        return Output(logits={"class": self.head(latent)}, latent=latent, attention=even_attention(batch.present))

    def alone(self, modality: str) -> "OneModality":
        """The network of one modality: takes batches of that one, shares its parameters with this model."""
        network = self.nets[modality]
        assert isinstance(network, OneModality)
        return network


class OneModality(nn.Module):
    """The dense network over the vectors of one modality; of rows that lack it, it knows nothing.

    Args:
        modality: Its name.
        dim: Size of its vectors.
        n_classes: Size of the head.
    """

    def __init__(self, modality: str, dim: int, n_classes: int) -> None:
        super().__init__()
        self.modality = modality
        self.scale = nn.BatchNorm1d(dim, affine=False, momentum=None)
        self.net = Mlp({modality: dim}, n_classes, HIDDEN, DROPOUT, norm=True)

    def forward(self, batch: Batch) -> Output:
        """Logits "class" and the last layer `[batch, 64]`; both zero where the modality is absent.

        Raises:
            ModelError: The batch has other modalities.
        """
        if batch.modalities != (self.modality,):
            raise ModelError(f"this model takes the modality {self.modality} alone; got {batch.modalities}")
        rows = batch.present[:, 0].nonzero().flatten()
        x = normalise(self.scale, batch.inputs[self.modality][rows])
        for place, layer in enumerate(self.net.layers):
            x = self.net.after(place, layer(x))
        logits, latent = (_spread(some, rows, batch) for some in (self.net.head(x), x))
        return Output(logits={"class": logits}, latent=latent, attention=even_attention(batch.present))

    def hidden(self, batch: Batch) -> Float[Tensor, "batch 128"]:
        """What h is for the rows of a batch that has the modality, among others; zero where it is absent."""
        rows = batch.present[:, batch.modalities.index(self.modality)].nonzero().flatten()
        x = normalise(self.scale, batch.inputs[self.modality][rows])
        first, second, _ = self.net.layers
        return _spread(second(self.net.after(0, first(x))), rows, batch)


def _spread(
    some: Float[Tensor, "some width"], rows: Int64[Tensor, " some"], batch: Batch
) -> Float[Tensor, "batch width"]:
    """Values of some rows of a batch, zeros for the others."""
    return some.new_zeros(len(batch), some.shape[1]).index_copy(0, rows, some)
