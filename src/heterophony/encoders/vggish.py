"""VGGish: a VGG trained on the labels of 70 million videos.

Source: Hershey et al., CNN Architectures for Large-Scale Audio Classification, ICASSP 2017; weights converted for torch
by https://github.com/harritaylor/torchvggish, `vggish-10086976.pth`. The 128 numbers are those after the last ReLU, as
published; principal components and quantising to bytes, which the features of AudioSet went through, are left out.
"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_sound import TorchSound
from heterophony.features.patch_log_mel import RATE_HZ, WINDOW
from heterophony.features.vggish_patches import vggish_log_mel

DIM = 128
HOP = 15_360  # 0.96 s: the frames of a patch follow on those of the one before
CONVOLUTIONS = (
    0,
    3,
    6,
    8,
    11,
    13,
)  # their places in the published network; in between ReLU and the halving of both axes
HALVED_AFTER = (0, 3, 8, 13)
CHANNELS = (64, 128, 256, 256, 512, 512)
HIDDEN = (4096, 4096, DIM)


class Vggish(nn.Module):
    """Patches of 96 x 64 to vectors. Parts have their published names."""

    def __init__(self, channels: Sequence[int] = CHANNELS, hidden: Sequence[int] = HIDDEN) -> None:
        """A network with so many channels after each of its six convolutions, and numbers after each linear layer."""
        super().__init__()
        parts: list[nn.Module] = []
        for place, coming, out in zip(CONVOLUTIONS, [1, *channels], channels, strict=False):
            parts += [nn.Conv2d(coming, out, 3, padding=1), nn.ReLU(inplace=True)]
            if place in HALVED_AFTER:
                parts.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*parts)
        layers: list[nn.Module] = []
        for coming, out in zip([6 * 4 * channels[-1], *hidden], hidden, strict=False):
            layers += [nn.Linear(coming, out), nn.ReLU(inplace=True)]
        self.embeddings = nn.Sequential(*layers)
        for part in self.modules():  # after He; the original starts everything at 0.01
            if isinstance(part, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
                nn.init.zeros_(part.get_parameter("bias"))

    def forward(self, patches: Float[Tensor, "n 96 64"]) -> Float[Tensor, "n dim"]:
        """One vector per patch, all numbers >= 0."""
        maps = self.features(patches[:, None].contiguous(memory_format=torch.channels_last))
        vectors: Tensor = self.embeddings(maps.permute(0, 2, 3, 1).flatten(1))  # time, mel, channel
        return vectors


def build_vggish(tensors: Mapping[str, Tensor], settings: Settings) -> nn.Module:
    """The loaded network, with the sizes of its tensors.

    Raises:
        KeyError: Tensors are missing.
        RuntimeError: Tensors are missing, of another shape, or too many.
    """
    channels = [len(tensors[f"features.{place}.weight"]) for place in CONVOLUTIONS]
    with torch.device("meta"):
        network = Vggish(channels, [len(tensors[f"embeddings.{place}.weight"]) for place in (0, 2, 4)])
    network.load_state_dict(dict(tensors), assign=True)
    network.features.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def vggish() -> TorchSound:
    """Sound encoder: 128 numbers >= 0 per window of 0.975 s at 16 kHz, one every 0.96 s.

    Published code leaves out what remains after the last whole patch; here one more window ends on the last sample, and
    a recording shorter than a window is followed by zeros.
    """
    return TorchSound(
        name="vggish",
        weights="vggish",
        prepare=vggish_log_mel,
        build=build_vggish,
        rate_hz=RATE_HZ,
        window=WINDOW,
        hop=HOP,
        shortest=WINDOW,
        dim=DIM,
    )
