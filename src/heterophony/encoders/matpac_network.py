"""The network of MATPAC: a vision transformer on patches of a log-mel spectrogram.

Source: Quelennec et al., Masked Latent Prediction and Classification for Self-Supervised Audio Representation Learning,
ICASSP 2025; Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021. Names of the parts are those of the published
checkpoint (aurianworld/matpac).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import gelu, pad, scaled_dot_product_attention

NORM_EPS = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class MatpacSizes:
    """Sizes of the network; the defaults are the published ones.

    Attributes:
        patch: Bands and frames per patch.
        bands: Patches along frequency.
        times: Patches along time for which there are positions.
        dim: Width of the transformer.
        hidden: Width inside the blocks.
        depth: How many blocks.
        heads: How many heads, a divisor of `dim`.
    """

    patch: int = 16
    bands: int = 5
    times: int = 38
    dim: int = 768
    hidden: int = 3072
    depth: int = 12
    heads: int = 12


class Matpac(nn.Module):
    """Normalised log-mel frames to the mean over time of the last block, the patches of one time side by side."""

    def __init__(self, sizes: MatpacSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.patch_embed = nn.Conv2d(1, sizes.dim, sizes.patch, stride=sizes.patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, sizes.dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + sizes.bands * sizes.times, sizes.dim))
        self.student_encoder = _Encoder(sizes)

    def forward(self, frames: Float[Tensor, "n frames mels"]) -> Float[Tensor, "n width"]:
        """One vector per spectrogram, the lowest bands first.

        Args:
            frames: At most `times * patch` of them; zeros, which are the mean of its training set, fill the last patch.
        """
        missing = -frames.shape[1] % self.sizes.patch
        spectrogram = pad(frames, (0, 0, 0, missing)).transpose(1, 2)[:, None]
        patches = self.patch_embed(spectrogram)  # [n, dim, bands, times of this recording]
        tokens = patches.flatten(2).transpose(1, 2) + self._positions(patches.shape[3])
        first = (self.cls_token + self.pos_embed[:, :1]).expand(len(tokens), -1, -1)
        seen: Tensor = self.student_encoder(torch.cat([first, tokens], dim=1))[:, 1:]
        return seen.reshape(len(seen), self.sizes.bands, -1, self.sizes.dim).mean(dim=2).flatten(1)

    def _positions(self, times: int) -> Float[Tensor, "1 tokens dim"]:
        """Those of the first patches along time, for every band."""
        grid = self.pos_embed[:, 1:].reshape(1, self.sizes.bands, self.sizes.times, -1)
        return grid[:, :, :times].flatten(1, 2)


class _Encoder(nn.Module):
    """The blocks and the normalisation behind them."""

    def __init__(self, sizes: MatpacSizes) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*(_Block(sizes) for _ in range(sizes.depth)))
        self.norm = nn.LayerNorm(sizes.dim, eps=NORM_EPS)

    def forward(self, tokens: Float[Tensor, "n length dim"]) -> Float[Tensor, "n length dim"]:
        """The tokens after the last block, normalised."""
        normed: Tensor = self.norm(self.blocks(tokens))
        return normed


class _Block(nn.Module):
    """Attention, then two linear layers, each behind a normalisation and added to what came in."""

    def __init__(self, sizes: MatpacSizes) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(sizes.dim, eps=NORM_EPS)
        self.attn = _Attention(sizes.dim, sizes.heads)
        self.norm2 = nn.LayerNorm(sizes.dim, eps=NORM_EPS)
        self.mlp = _Mlp(sizes.dim, sizes.hidden)

    def forward(self, tokens: Float[Tensor, "n length dim"]) -> Float[Tensor, "n length dim"]:
        """The tokens after this block."""
        tokens = tokens + self.attn(self.norm1(tokens))
        after: Tensor = tokens + self.mlp(self.norm2(tokens))
        return after


class _Attention(nn.Module):
    """Attention of tokens to each other; one projection makes queries, keys and values."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, tokens: Float[Tensor, "n length dim"]) -> Float[Tensor, "n length dim"]:
        """What each token takes from the others."""
        parts = self.qkv(tokens).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        found = scaled_dot_product_attention(parts[0], parts[1], parts[2])
        taken: Tensor = self.proj(found.transpose(1, 2).flatten(2))
        return taken


class _Mlp(nn.Module):
    """Two linear layers with a GELU between them."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, tokens: Float[Tensor, "n length dim"]) -> Float[Tensor, "n length dim"]:
        """Token by token."""
        wide: Tensor = self.fc2(gelu(self.fc1(tokens)))
        return wide
