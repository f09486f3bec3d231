"""ConvNeXt on log-mel spectrograms.

Source: Liu et al., A ConvNet for the 2020s, CVPR 2022; Pellegrini et al., Adapting a ConvNeXt Model to Audio
Classification on AudioSet, Interspeech 2023. Names of the parts are those of the published checkpoint
(https://github.com/topel/audioset-convnext-inf).
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

NORM_EPS = 1e-6
PIECE = 2048  # places of the map that go through a perceptron at once, so that what lies between stays in the cache


class ConvNext(nn.Module):
    """Decibels to the mean of the last feature map over time and frequency.

    Left out of the published network: the last layer norm and the head of 527 classes, which come after the map.
    """

    def __init__(self, bands: int, depths: Sequence[int], dims: Sequence[int]) -> None:
        """A network for `bands` mel bands with so many blocks and channels in each of its stages."""
        super().__init__()
        self.bn0 = nn.BatchNorm1d(bands)
        # Padded by 4 frames before and after the spectrogram
        stem = nn.Sequential(nn.Conv2d(1, dims[0], 4, 4, padding=(4, 0)), _ChannelNorm(dims[0], eps=NORM_EPS))
        halves = [
            nn.Sequential(_ChannelNorm(coming, eps=NORM_EPS), nn.Conv2d(coming, dim, 2, 2))
            for coming, dim in pairwise(dims)
        ]
        self.downsample_layers = nn.ModuleList([stem, *halves])
        self.stages = nn.ModuleList(
            nn.Sequential(*(_Block(dim) for _ in range(depth))) for depth, dim in zip(depths, dims, strict=True)
        )

    def forward(self, decibels: Float[Tensor, "n frames bands"]) -> Float[Tensor, "n dim"]:
        """The mean of each spectrogram's feature map."""
        x = self.bn0(decibels.transpose(1, 2)).transpose(1, 2)[:, None]
        x = x.contiguous(memory_format=torch.channels_last)
        for smaller, stage in zip(self.downsample_layers, self.stages, strict=True):
            x = stage(smaller(x))
        mean: Tensor = x.mean((2, 3))
        return mean


class _ChannelNorm(nn.LayerNorm):
    """Layer norm over channels, which come second."""

    def forward(self, input: Float[Tensor, "n c frames bands"]) -> Float[Tensor, "n c frames bands"]:  # noqa: A002
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class _Block(nn.Module):
    """Each channel filtered by itself, then a perceptron over channels at each place, scaled and added."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(dim, dim, 7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=NORM_EPS)
        self.pwconv1 = nn.Linear(dim, 4 * dim)
        self.pwconv2 = nn.Linear(4 * dim, dim)
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x: Float[Tensor, "n c frames bands"]) -> Float[Tensor, "n c frames bands"]:
        filtered = self.dwconv(x).permute(0, 2, 3, 1)
        places = filtered.reshape(-1, filtered.shape[-1])
        out = torch.cat([self._perceptron(piece) for piece in places.split(PIECE)])
        return x + out.reshape(filtered.shape).permute(0, 3, 1, 2)

    def _perceptron(self, places: Float[Tensor, "places c"]) -> Float[Tensor, "places c"]:
        wide = functional.gelu(self.pwconv1(self.norm(places)))
        out: Tensor = self.gamma * self.pwconv2(wide)
        return out
