"""The sound network of OpenL3, eight convolutions on decibels.

Source: Cramer et al., Look, Listen and Learn More: Design Choices for Deep Audio Embeddings, ICASSP 2019; published
code https://github.com/marl/openl3.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

NORM_EPS = 1e-3  # that of Keras
CONVOLUTIONS = 8


class OpenL3(nn.Module):
    """Decibels to the maximum of the last feature map, the embedding of 512 numbers.

    In the published code the maximum is over 32 x 24 places, which is the whole map of one second.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        """A network with so many channels after each of its eight convolutions."""
        super().__init__()
        self.norm = nn.BatchNorm2d(1, eps=NORM_EPS)
        parts: list[nn.Module] = []
        for index, (coming, out) in enumerate(pairwise([1, *channels])):
            parts.append(nn.Conv2d(coming, out, 3, padding=1))
            if index < CONVOLUTIONS - 1:
                parts += [nn.BatchNorm2d(out, eps=NORM_EPS), nn.ReLU(inplace=True)]
            if index in (1, 3, 5):
                parts.append(nn.MaxPool2d(2, 2))
        self.layers = nn.Sequential(*parts)

    def forward(self, decibels: Float[Tensor, "n mels frames"]) -> Float[Tensor, "n dim"]:
        """One vector per window."""
        maps: Tensor = self.layers(self.norm(decibels[:, None]).contiguous(memory_format=torch.channels_last))
        return maps.amax((2, 3))
