"""The fully convolutional network for acoustic scenes: nine convolutions in four blocks, and attention over channels.

Source: Hu et al., A Two-Stage Approach to Device-Robust Acoustic Scene Classification, ICASSP 2021; used by Wang et
al., A Study on Joint Modeling and Data Augmentation of Multi-Modalities for Audio-Visual Scene Classification, 2022,
section 2.1.1; attention: Woo et al., CBAM, ECCV 2018, section 3.1. The first was published with Keras, the second
is PyTorch; so are the constants of normalisation here.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

CHANNELS = 6  # left, right; their deltas; the deltas of those
WIDTHS = (144, 288, 576)
SMALL = (48, 84, 120)
DROPOUT = 0.3


class ChannelAttention(nn.Module):
    """One weight per channel, from the mean and the maximum of its map through the same two layers.

    ::

        y = x sigmoid(f(mean(x)) + f(max(x))),    f(v) = W2 relu(W1 v + b1) + b2
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.narrow = nn.Linear(channels, channels // 2)
        self.widen = nn.Linear(channels // 2, channels)

    def forward(self, x: Float[Tensor, "n channels mels frames"]) -> Float[Tensor, "n channels mels frames"]:
        """The weighted map, of the same size."""
        scores = sum(self.widen(torch.relu(self.narrow(seen))) for seen in (x.mean((2, 3)), x.amax((2, 3))))
        return x * torch.sigmoid(scores)[:, :, None, None]


def _unit(before: int, width: int, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(before, width, kernel, stride, kernel // 2, bias=False)
    return [conv, nn.BatchNorm2d(width), nn.ReLU(inplace=True)]


class Fcnn(nn.Module):
    """From log-mels with their deltas to a vector: the average over a map of `n_out` channels, weighted by attention.

    `n_out=10` is the published classifier, whose ten numbers are its logits: 11,791,135 parameters, 610,063 with the
    widths `SMALL`. What its authors take as an embedding they do not say; here it is the same vector of `n_out=512`
    channels, on which a linear head may stand.

    Args:
        n_out: Length of the embedding.
        n_classes: Of a linear head on it; 0 for none, then the embedding is the result.
        widths: Of the first three blocks.
        channels: Of the input.
    """

    def __init__(
        self, n_out: int = 512, n_classes: int = 0, widths: Sequence[int] = WIDTHS, channels: int = CHANNELS
    ) -> None:
        super().__init__()
        first, second, third = widths
        deep = (layer for before in (second, *(third,) * 3) for layer in (*_unit(before, third), nn.Dropout(DROPOUT)))
        self.norm = nn.BatchNorm2d(channels)
        self.block1 = nn.Sequential(*_unit(channels, first, 5, 2), *_unit(first, first), nn.MaxPool2d(2))
        self.block2 = nn.Sequential(*_unit(first, second), *_unit(second, second), nn.MaxPool2d(2))
        self.block3 = nn.Sequential(*list(deep)[:-1], nn.MaxPool2d(2))  # no dropout after the fourth
        self.conv = nn.Conv2d(third, n_out, 1, bias=False)
        norms = [nn.BatchNorm2d(n_out, affine=False) for _ in range(2)]
        self.block4 = nn.Sequential(norms[0], nn.ReLU(inplace=True), norms[1], ChannelAttention(n_out))
        self.head = nn.Linear(n_out, n_classes) if n_classes else nn.Identity()
        for part in self.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            if isinstance(part, nn.Linear):
                nn.init.zeros_(part.bias)

    def embed(self, log_mels: Float[Tensor, "n channels mels frames"]) -> Float[Tensor, "n dim"]:
        """One vector per window, of at least 15 frames and 15 mels."""
        maps = self.block3(self.block2(self.block1(self.norm(log_mels))))
        weighted: Tensor = self.block4(self.conv(maps))
        return weighted.mean((2, 3))

    def forward(self, log_mels: Float[Tensor, "n channels mels frames"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        logits: Tensor = self.head(self.embed(log_mels))
        return logits
