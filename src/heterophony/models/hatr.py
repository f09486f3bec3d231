"""HATR: hierarchical attention residual network over embeddings of any number of modalities, any of them absent."""

from collections.abc import Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.fusion import AttentionFusion, refuse_samples_without_modality
from heterophony.models.blocks import SLOPE, EmbeddingEncoder, ResidualBlock
from heterophony.models.dropout import Dropout
from heterophony.models.output import Output


class Hatr(nn.Module):
    """One encoder per modality, attention over the modalities, a residual projector, a head per level.

    The network of the audio-text report as its code builds it: h = 128, p = 0.1, hidden width H = max(D, 2h) for an
    input of size D, no fusion layer for a single modality, initialisation of the framework. Embeddings 512 + 512 give
    7,319,513 parameters, 512 alone 3,698,647, 3 x 512 10,923,738, 768 + 512 11,767,385; the top head adds 65 per top.

    Ours: a sample may lack modalities. In training each encoder runs on the rows that have its modality only, so that
    absent rows disturb neither its batch statistics nor its gradient; the attention is over what is present.

    Args:
        input_dims: Modality name to size of its embedding; the order is the one of `Batch.inputs`.
        n_classes: Size of the class head.
        n_tops: Size of the top level head; None for no such head.
        dim: h, size of each modality vector; a multiple of 4.
        hidden: H of every encoder; None ties it to the input: max(D, 2h).
        dropout: p, 0 <= p < 1. The last block uses p/2, the class head p/4.

    Raises:
        ModelError: No modality.
    """

    def __init__(
        self,
        input_dims: Mapping[str, int],
        n_classes: int,
        n_tops: int | None = None,
        dim: int = 128,
        hidden: int | None = None,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if not input_dims:
            raise ModelError("Hatr needs at least one modality: input_dims is empty")
        self.modalities = tuple(input_dims)
        self.dim = dim
        self.encoders = nn.ModuleDict(
            {name: EmbeddingEncoder(d, dim, hidden or max(d, 2 * dim), dropout) for name, d in input_dims.items()}
        )
        self.fusion = AttentionFusion(len(input_dims), dim) if len(input_dims) > 1 else None
        self.fused_dropout = Dropout(dropout)
        self.projector = latent_projector(dim, dropout)
        self.class_head = class_head(dim // 2, n_classes, dropout)
        self.top_head = nn.Linear(dim // 2, n_tops) if n_tops is not None else None

    def forward(self, batch: Batch) -> Output:
        """Runs the network.

        Args:
            batch: Inputs of this model's modalities, in its order. Rows of absent modalities may hold anything.

        Returns:
            Logits "class" (and "top"), the latent `[batch, dim / 2]`, the attention `[batch, modalities]`.

        Raises:
            ModelError: The batch has other modalities.
            InputError: A sample has no modality at all.
        """
        if batch.modalities != self.modalities:
            raise ModelError(
                f"this model takes the modalities {self.modalities}, in this order; got {batch.modalities}"
            )
        features = {
            name: self._encode(self.encoders[name], batch.inputs[name], batch.present[:, column])
            for column, name in enumerate(self.modalities)
        }
        fused, attention = self._fuse(features, batch.present)
        latent = self.projector(fused)
        logits = {"class": self.class_head(latent)}
        if self.top_head is not None:
            logits["top"] = self.top_head(latent)
        return Output(logits=logits, latent=latent, attention=attention)

    def _encode(
        self, encoder: nn.Module, x: Float[Tensor, "batch input_dim"], present: Bool[Tensor, " batch"]
    ) -> Float[Tensor, "batch dim"]:
        """Encodes the rows that have the modality; the others become zero."""
        if bool(present.all()):
            encoded: Tensor = encoder(x)
            return encoded
        rows = present.nonzero().flatten()
        zeros = x.new_zeros(len(x), self.dim)
        if len(rows) == 0:
            return zeros
        encoded = encoder(x[rows])
        return zeros.to(encoded.dtype).index_copy(0, rows, encoded)

    def _fuse(
        self, features: dict[str, Float[Tensor, "batch dim"]], present: Bool[Tensor, "batch modalities"]
    ) -> tuple[Float[Tensor, "batch dim"], Float[Tensor, "batch modalities"]]:
        """Fuses two or more modalities; a single one goes through as it is, with weight 1."""
        if self.fusion is None:
            refuse_samples_without_modality(present)
            (only,) = features.values()
            return only, torch.ones_like(present, dtype=only.dtype)
        fused, attention = self.fusion(features, present)
        return self.fused_dropout(fused), attention


def latent_projector(dim: int, dropout: float) -> nn.Sequential:
    """The layers from the fused vector `[batch, dim]` to the latent `[batch, dim / 2]`.

    ::

        Lin(h -> 2h); LReLU; Dropout(p); Lin(2h -> h); LReLU; Dropout(p); Lin(h -> h/2); LReLU; Dropout(p/2);
        two R(h/2, h, p/2)
    """
    layers: list[nn.Module] = []
    for narrow, wide, p in ((dim, 2 * dim, dropout), (2 * dim, dim, dropout), (dim, dim // 2, dropout / 2)):
        layers += [nn.Linear(narrow, wide), nn.LeakyReLU(SLOPE, inplace=True), Dropout(p)]
    layers += [ResidualBlock(dim // 2, dim, dropout / 2) for _ in range(2)]
    return nn.Sequential(*layers)


def class_head(latent: int, n_classes: int, dropout: float) -> nn.Sequential:
    """Lin(latent -> latent / 2), LReLU, Dropout(p / 4), Lin(latent / 2 -> classes)."""
    return nn.Sequential(
        nn.Linear(latent, latent // 2),
        nn.LeakyReLU(SLOPE, inplace=True),
        Dropout(dropout / 4),
        nn.Linear(latent // 2, n_classes),
    )
