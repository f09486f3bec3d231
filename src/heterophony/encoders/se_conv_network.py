"""A small residual network on gammatone maps, with squeeze and excitation over channels and over places.

Source: Naranjo-Alcazar et al., Squeeze-Excitation Convolutional Recurrent Neural Networks for Audio-Visual Scene
Classification, DCASE 2021, the part that listens; Roy et al., Concurrent Spatial and Channel Squeeze & Excitation in
Fully Convolutional Networks, MICCAI 2018. Normalisation, and the values that training starts from, are those of Keras,
with which it was published.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

WIDTHS = (32, 64, 128)
NORM_EPS = 1e-3
NORM_MOMENTUM = 0.01  # Keras counts the other way round: 0.99


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=NORM_EPS, momentum=NORM_MOMENTUM)


class ChannelSpatialGate(nn.Module):
    """Concurrent squeeze and excitation.

    ::

        g = sigmoid(W2 relu(W1 mean(x)))    one number per channel
        s = sigmoid(v . x)                  one number per place
        y = x g + x s
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // 2, bias=False)
        self.excite = nn.Linear(channels // 2, channels, bias=False)
        self.spatial = nn.Conv2d(channels, 1, 1, bias=False)
        for weight in self.parameters():
            nn.init.kaiming_normal_(weight, nonlinearity="relu")

    def forward(self, x: Float[Tensor, "n channels bands columns"]) -> Float[Tensor, "n channels bands columns"]:
        """The gated map, of the same size."""
        channels = torch.sigmoid(self.excite(torch.relu(self.squeeze(x.mean((2, 3))))))
        return x * channels[:, :, None, None] + x * torch.sigmoid(self.spatial(x))


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut that comes in twice.

    ::

        c = BN(conv1x1(x))
        y = gate(ELU(BN(conv3x3(ELU(BN(conv3x3(x))))) + c)) + c
    """

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 3, padding=1)
        self.norm1 = _norm(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.norm2 = _norm(width)
        self.shortcut = nn.Conv2d(before, width, 1)
        self.shortcut_norm = _norm(width)
        self.elu = nn.ELU()
        self.gate = ChannelSpatialGate(width)
        for conv in (self.conv1, self.conv2, self.shortcut):
            nn.init.xavier_uniform_(conv.weight)
            nn.init.zeros_(conv.get_parameter("bias"))

    def forward(self, x: Float[Tensor, "n before bands columns"]) -> Float[Tensor, "n width bands columns"]:
        """The map, wider."""
        shortcut: Tensor = self.shortcut_norm(self.shortcut(x))
        inner = self.norm2(self.conv2(self.elu(self.norm1(self.conv1(x)))))
        gated: Tensor = self.gate(self.elu(inner + shortcut))
        return gated + shortcut


class SeConv(nn.Module):
    """Residual blocks, halved in time between them; the average over the last map is the embedding.

    With the published sizes it has 321,930 parameters, and 323,274 as Keras counts, statistics of normalisation
    included.

    Args:
        n_classes: Of the head; 0 for none, then the embedding is the result.
        widths: Of the blocks; the last is the length of the embedding.
        channels: Of the input: left, right, difference.
    """

    def __init__(self, n_classes: int = 10, widths: Sequence[int] = WIDTHS, channels: int = 3) -> None:
        super().__init__()
        before = (channels, *widths[:-1])
        self.blocks = nn.ModuleList(ResidualBlock(*pair) for pair in zip(before, widths, strict=True))
        self.pool = nn.MaxPool2d((1, 2))
        self.head = nn.Linear(widths[-1], n_classes) if n_classes else nn.Identity()
        if isinstance(self.head, nn.Linear):
            nn.init.xavier_uniform_(self.head.weight)
            nn.init.zeros_(self.head.bias)

    def embed(self, maps: Float[Tensor, "n channels bands columns"]) -> Float[Tensor, "n dim"]:
        """One vector per gammatone map."""
        return self._last_map(maps).mean((2, 3))

    def sequence(self, maps: Float[Tensor, "n channels bands columns"]) -> Float[Tensor, "n dim"]:
        """What happens when, before what happens: the last map's mean over bands at five times, then the embedding.

        The map of 50 columns has 12 steps; average pooling of 3 with a stride of 2 makes them 5, which go step by step
        into the vector, `5 * 128` numbers, and 128 of the embedding after them: what the recurrent fusion of the paper
        reads.
        """
        last = self._last_map(maps)
        steps = nn.functional.avg_pool1d(last.mean(2), 3, 2).transpose(1, 2)
        return torch.cat([steps.flatten(1), last.mean((2, 3))], 1)

    def _last_map(self, maps: Float[Tensor, "n channels bands columns"]) -> Float[Tensor, "n dim bands quarter"]:
        for index, block in enumerate(self.blocks):
            maps = block(self.pool(maps) if index else maps)
        return maps

    def forward(self, maps: Float[Tensor, "n channels bands columns"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        logits: Tensor = self.head(self.embed(maps))
        return logits
