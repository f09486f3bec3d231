"""The parts that HATR is made of: a batch norm that takes single rows, the residual block, the encoder."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from heterophony.models.dropout import Dropout

SLOPE = 0.01  # of every leaky ReLU


def normalise(norm: nn.BatchNorm1d, x: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch dim"]:
    """Batch norm that also takes a training batch of one row.

    One row has no variance. It is normalised with the running statistics, which stay as they are.
    """
    if len(x) > 1 or not norm.training:
        normalised: Tensor = norm(x)
        return normalised
    return torch.nn.functional.batch_norm(
        x, norm.running_mean, norm.running_var, norm.weight, norm.bias, training=False, eps=norm.eps
    )


class ResidualBlock(nn.Module):
    """R(dim, inner, dropout) of HATR.

    ::

        u = Lin(dim -> inner); BN; LReLU; Dropout; Lin(inner -> dim); BN;   R(x) = LReLU(u + x)
    """

    def __init__(self, dim: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.widen = nn.Linear(dim, inner)
        self.widen_norm = nn.BatchNorm1d(inner)
        self.activation = nn.LeakyReLU(SLOPE, inplace=True)
        self.dropout = Dropout(dropout)
        self.narrow = nn.Linear(inner, dim)
        self.narrow_norm = nn.BatchNorm1d(dim)

    def forward(self, x: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch dim"]:
        """Applies the block; the size stays."""
        u = self.dropout(self.activation(normalise(self.widen_norm, self.widen(x))))
        u = normalise(self.narrow_norm, self.narrow(u))
        activated: Tensor = self.activation(u + x)
        return activated


class EmbeddingEncoder(nn.Module):
    """E(input_dim) of HATR: from the embedding of one modality to a vector of `dim`.

    ::

        BN(D); Lin(D -> H); LReLU; Dropout; three R(H, 2H); Lin(H -> H/2); LReLU; Dropout; Lin(H/2 -> dim); BN(dim)

    Args:
        input_dim: D, size of the embedding.
        dim: Size of the result.
        hidden: H.
        dropout: Probability, 0 <= p < 1.
    """

    def __init__(self, input_dim: int, dim: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.input_norm = nn.BatchNorm1d(input_dim)
        self.enter = nn.Sequential(nn.Linear(input_dim, hidden), nn.LeakyReLU(SLOPE, inplace=True), Dropout(dropout))
        self.blocks = nn.Sequential(*(ResidualBlock(hidden, 2 * hidden, dropout) for _ in range(3)))
        self.leave = nn.Sequential(
            nn.Linear(hidden, hidden // 2),
            nn.LeakyReLU(SLOPE, inplace=True),
            Dropout(dropout),
            nn.Linear(hidden // 2, dim),
        )
        self.output_norm = nn.BatchNorm1d(dim)

    def forward(self, x: Float[Tensor, "batch input_dim"]) -> Float[Tensor, "batch dim"]:
        """Encodes; every row counts in the batch statistics."""
        x = self.blocks(self.enter(normalise(self.input_norm, x)))
        return normalise(self.output_norm, self.leave(x))
