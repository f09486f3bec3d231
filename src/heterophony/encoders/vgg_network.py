"""VGG: stacks of 3 x 3 convolutions, widened after each pooling.

Source: Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, ICLR 2015, Table 1,
columns D and E. Names of the parts are those of torchvision's checkpoints.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from jaxtyping import Float
from torch import Tensor, nn

Blocks = Sequence[Sequence[int]]

VGG16: Blocks = ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)
VGG19: Blocks = ((64,) * 2, (128,) * 2, (256,) * 4, (512,) * 4, (512,) * 4)
SIDE = 7  # of the map that the dense layers see


def vgg_features(blocks: Blocks) -> nn.Sequential:
    """The convolutional part: `[n, 3, height, width]` to `[n, last width, height / 2^blocks, width / 2^blocks]`.

    Args:
        blocks: Widths of the convolutions between two poolings, for each block.
    """
    layers: list[nn.Module] = []
    before = 3
    for widths in blocks:
        for width in widths:
            layers += [_conv(before, width), nn.ReLU(inplace=True)]
            before = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


def _conv(before: int, width: int) -> nn.Conv2d:
    """Starts after He: without normalisation between them, nineteen layers with the usual start let nothing through."""
    conv = nn.Conv2d(before, width, 3, padding=1)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    nn.init.zeros_(conv.get_parameter("bias"))
    return conv


def vgg_blocks(tensors: Mapping[str, Tensor]) -> Blocks:
    """The widths of a checkpoint: two numbers after a convolution comes the next, three where a pooling is between."""
    places = sorted(_places(tensors))
    blocks: list[list[int]] = [[]]
    for place, following in zip(places, [*places[1:], 0], strict=True):
        blocks[-1].append(len(tensors[f"features.{place}.weight"]))
        if following == place + 3:
            blocks.append([])
    return blocks


def _places(names: Iterable[str]) -> Iterable[int]:
    return (int(found[1]) for name in names if (found := re.fullmatch(r"features\.(\d+)\.weight", name)))


class Vgg(nn.Module):
    """VGG up to what its last dense layer would see: `hidden[1]` numbers >= 0 per picture.

    Args:
        blocks: As in `vgg_features`.
        hidden: Widths of the two dense layers.
    """

    def __init__(self, blocks: Blocks = VGG19, hidden: tuple[int, int] = (4096, 4096)) -> None:
        super().__init__()
        self.features = vgg_features(blocks)
        self.pool = nn.AdaptiveAvgPool2d(SIDE)
        dense = [nn.Linear(blocks[-1][-1] * SIDE**2, hidden[0]), nn.ReLU(), nn.Dropout(), nn.Linear(*hidden), nn.ReLU()]
        self.classifier = nn.Sequential(*dense)
        for layer in (self.classifier[0], self.classifier[3]):
            nn.init.kaiming_normal_(layer.get_parameter("weight"), nonlinearity="relu")
            nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, pixels: Float[Tensor, "n 3 height width"]) -> Float[Tensor, "n dim"]:
        """One vector per picture."""
        vectors: Tensor = self.classifier(self.pool(self.features(pixels)).flatten(1))
        return vectors
