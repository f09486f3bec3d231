"""ResNeSt-50 trained on ImageNet: 2048 numbers >= 0 per second of video, the sum over two frames.

Source: Zhang et al., ResNeSt: Split-Attention Networks, CVPR Workshops 2022. The network is timm's, the names of the
tensors those of the authors' checkpoint. The paper that uses it for scenes (see `two_frames`) has weights of Places365,
of which there is no published file; these are the authors' of ImageNet.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torchvision_models import timm_models
from heterophony.encoders.two_frames import SIZE, TIMES, SumOfFrames, to_pixels

HEAD = ("fc.weight", "fc.bias")
STAGES = (1, 2, 3, 4)


def resnest50() -> TorchPictures:
    """The encoder."""
    return TorchPictures(
        name="resnest50",
        weights="resnest50",
        prepare=to_pixels,
        build=build,
        times=TIMES,
        size=SIZE,
        fit="stretch",
        dim=2048,
    )


def new_resnest() -> nn.Module:
    """The network without training.

    Raises:
        MissingExtraError: timm or torchvision is not installed.
    """
    network: nn.Module = timm_models("resnest").resnest50d()
    return network


def build(tensors: Mapping[str, Tensor], settings: Settings) -> SumOfFrames:
    """The loaded network; its sizes come from the tensors, its last layer is left out.

    Raises:
        MissingExtraError: timm or torchvision is not installed.
    """
    resnest = timm_models("resnest")
    with torch.device("meta"):
        network = resnest.ResNet(
            block=resnest.ResNestBottleneck,
            layers=[len({name.split(".")[1] for name in tensors if name.startswith(f"layer{i}.")}) for i in STAGES],
            channels=tuple(len(tensors[f"layer{i}.0.conv1.weight"]) for i in STAGES),
            stem_type="deep",
            stem_width=len(tensors["conv1.0.weight"]),
            avg_down=True,
            num_classes=0,
            block_args={"radix": 2, "avd": True, "avd_first": False},
        )
    network.load_state_dict({name: x for name, x in tensors.items() if name not in HEAD}, assign=True)
    return SumOfFrames(network)
