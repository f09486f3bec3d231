"""The network of EfficientAT: MobileNetV3-Large on log-mel spectrograms.

Source: Schmid, Koutini and Widmer, Efficient Large-Scale Audio Tagging via Transformer-to-CNN Knowledge Distillation,
ICASSP 2023; Howard et al., Searching for MobileNetV3, ICCV 2019, Table 1. Names of the parts are those of the published
checkpoints (https://github.com/fschmid56/EfficientAT).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

Outputs = Literal["embedding", "scores", "both"]

# kernel, stride, activation of the fifteen blocks; "HS" is the hard swish, "RE" is ReLU
BLOCKS: tuple[tuple[int, int, Literal["HS", "RE"]], ...] = (
    *((3, 1, "RE"), (3, 2, "RE"), (3, 1, "RE"), (5, 2, "RE"), (5, 1, "RE"), (5, 1, "RE")),
    *((3, 2, "HS"), (3, 1, "HS"), (3, 1, "HS"), (3, 1, "HS"), (3, 1, "HS"), (3, 1, "HS")),
    *((5, 2, "HS"), (5, 1, "HS"), (5, 1, "HS")),
)
NORM_EPS = 1e-3


@dataclass(frozen=True, slots=True)
class BlockWidths:
    """Channels inside and after a block.

    Attributes:
        wide: Inside; as many as come in where nothing widens them.
        out: After it.
        squeezed: In its gate; 0 for a block without one.
    """

    wide: int
    out: int
    squeezed: int = 0


class EfficientAt(nn.Module):
    """Log-mel to the average of the last feature map, to the probabilities of its classes, or to both.

    Attributes:
        outputs: "embedding" (`last` numbers), "scores" (`classes` numbers) or "both", the embedding first.
    """

    def __init__(
        self,
        first: int,
        blocks: Sequence[BlockWidths],
        *,
        last: int,
        hidden: int,
        classes: int,
        outputs: Outputs = "embedding",
    ) -> None:
        """A network of these widths: after the first and the last convolution, in the head, its classes."""
        super().__init__()
        parts: list[nn.Module] = [_unit(1, first, 3, 2, activation="HS")]
        coming = first
        for widths, (kernel, stride, activation) in zip(blocks, BLOCKS, strict=True):
            parts.append(_Block(coming, widths, kernel, stride, activation))
            coming = widths.out
        parts.append(_unit(coming, last, 1, activation="HS"))
        self.features = nn.Sequential(*parts)
        head = [nn.Linear(last, hidden), nn.Hardswish(), nn.Identity(), nn.Linear(hidden, classes)]
        self.classifier = nn.Sequential(nn.Identity(), nn.Identity(), *head)  # where pooling and dropout were
        self.outputs = outputs

    def forward(self, log_mel: Float[Tensor, "n mels frames"]) -> Float[Tensor, "n dim"]:
        """The chosen outputs of each spectrogram."""
        # One channel is the same bytes either way round, but the convolutions must be told
        maps = self.features(log_mel[:, None].contiguous(memory_format=torch.channels_last))
        embedding: Tensor = maps.mean((2, 3))
        if self.outputs == "embedding":
            return embedding
        scores: Tensor = torch.sigmoid(self.classifier(embedding))
        return scores if self.outputs == "scores" else torch.cat([embedding, scores], dim=1)


def _unit(
    coming: int, out: int, kernel: int, stride: int = 1, *, groups: int = 1, activation: Literal["HS", "RE", ""]
) -> nn.Sequential:
    """Convolution, normalisation, activation."""
    conv = nn.Conv2d(coming, out, kernel, stride, kernel // 2, groups=groups, bias=False)
    parts: list[nn.Module] = [conv, nn.BatchNorm2d(out, eps=NORM_EPS)]
    if activation:
        parts.append(nn.Hardswish(inplace=True) if activation == "HS" else nn.ReLU(inplace=True))
    return nn.Sequential(*parts)


class _Block(nn.Module):
    """Inverted residual: widened by a 1 x 1 convolution, filtered channel by channel, gated, narrowed."""

    def __init__(
        self, coming: int, widths: BlockWidths, kernel: int, stride: int, activation: Literal["HS", "RE", ""]
    ) -> None:
        super().__init__()
        wide = widths.wide
        parts: list[nn.Module] = [] if wide == coming else [_unit(coming, wide, 1, activation=activation)]
        parts.append(_unit(wide, wide, kernel, stride, groups=wide, activation=activation))
        if widths.squeezed:
            parts.append(_Gates(wide, widths.squeezed))
        parts.append(_unit(wide, widths.out, 1, activation=""))
        self.block = nn.Sequential(*parts)
        self.residual = stride == 1 and coming == widths.out

    def forward(self, x: Float[Tensor, "n c mels frames"]) -> Float[Tensor, "n d mels2 frames2"]:
        out: Tensor = self.block(x)
        return out.add_(x) if self.residual else out


class _Gates(nn.Module):
    """Squeeze and excitation; the published code allows several side by side and uses one, over channels."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.conc_se_layers = nn.ModuleList([_Gate(channels, squeezed)])

    def forward(self, x: Float[Tensor, "n c mels frames"]) -> Float[Tensor, "n c mels frames"]:
        scale: Tensor = self.conc_se_layers[0](x.mean((2, 3)))
        return x * scale[:, :, None, None]


class _Gate(nn.Module):
    """How much of each channel passes, 0 to 1 (a sigmoid, where MobileNetV3 has its hard form)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, squeezed)
        self.fc2 = nn.Linear(squeezed, channels)

    def forward(self, mean: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
        return torch.sigmoid(self.fc2(torch.relu(self.fc1(mean))))
