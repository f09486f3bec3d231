"""ResNet-50 and DenseNet-161 trained on the scenes of Places365: 2048 and 2208 numbers per second of video.

Each is the average over the last map (after a ReLU), summed over two frames (see `two_frames`). Source: Zhou et al.,
Places: A 10 Million Image Database for Scene Recognition, PAMI 2018; He et al., CVPR 2016; Huang et al., CVPR 2017. The
networks are torchvision's. The checkpoints were saved by PyTorch 0.2 on Python 2 from a network spread over several
devices, so that names begin with "module."; in that of DenseNet, layers have names that PyTorch no longer allows
("norm.1").
"""

import re
from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torchvision_models import torchvision_models
from heterophony.encoders.two_frames import SIZE, TIMES, SumOfFrames, to_pixels

STAGES = (1, 2, 3, 4)
HEADS = ("fc.", "classifier.")
WRAPPING = re.compile(r"^(state_dict\.)?(module\.)?")
OLD_NAME = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")


def places365(name: str) -> TorchPictures:
    """The encoder "resnet50-places365" or "densenet161-places365"."""
    build, dim = {"resnet50-places365": (build_resnet, 2048), "densenet161-places365": (build_densenet, 2208)}[name]
    return TorchPictures(
        name=name,
        weights=name,
        prepare=to_pixels,
        build=build,
        times=TIMES,
        size=SIZE,
        fit="stretch",
        dim=dim,
    )


def build_resnet(tensors: Mapping[str, Tensor], settings: Settings) -> SumOfFrames:
    """The loaded ResNet; depths and the width of its bottlenecks come from the tensors, its last layer is left out.

    Raises:
        MissingExtraError: torchvision is not installed.
    """
    found = _without_head(tensors)
    depths = [len({name.split(".")[1] for name in found if name.startswith(f"layer{i}.")}) for i in STAGES]
    resnet = torchvision_models().resnet
    with torch.device("meta"):
        width = len(found["layer1.0.conv1.weight"])
        network = resnet.ResNet(resnet.Bottleneck, depths, width_per_group=width)
    network.fc = nn.Identity()
    network.load_state_dict(found, assign=True)
    return SumOfFrames(network)


def build_densenet(tensors: Mapping[str, Tensor], settings: Settings) -> SumOfFrames:
    """The loaded DenseNet; depths, growth and first width come from the tensors, its last layer is left out.

    Raises:
        MissingExtraError: torchvision is not installed.
    """
    found = _without_head(tensors)
    bottleneck, growth = (len(found[f"features.denseblock1.denselayer1.conv{i}.weight"]) for i in (1, 2))
    layers = [{name.split(".")[2] for name in found if name.startswith(f"features.denseblock{i}.")} for i in STAGES]
    with torch.device("meta"):
        network = torchvision_models().DenseNet(
            growth_rate=growth,
            block_config=[len(names) for names in layers if names],
            num_init_features=len(found["features.conv0.weight"]),
            bn_size=bottleneck // growth,
        )
    parts = {"relu": nn.ReLU(), "pool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten()}
    embedding = nn.Sequential(OrderedDict(features=network.features, **parts))
    embedding.load_state_dict(found, assign=True)
    return SumOfFrames(embedding)


def new_resnet() -> nn.Module:
    """ResNet-50 without training.

    Raises:
        MissingExtraError: torchvision is not installed.
    """
    network: nn.Module = torchvision_models().resnet50()
    return network


def new_densenet() -> nn.Module:
    """DenseNet-161 without training.

    Raises:
        MissingExtraError: torchvision is not installed.
    """
    network: nn.Module = torchvision_models().densenet161()
    return network


def _without_head(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors by the names that the networks of today give them, without the last layer."""
    renamed = {OLD_NAME.sub(r"\1\2.", WRAPPING.sub("", name)): tensor for name, tensor in tensors.items()}
    return {name: tensor for name, tensor in renamed.items() if not name.startswith(HEADS)}
