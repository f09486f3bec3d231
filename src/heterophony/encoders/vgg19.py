"""VGG-19 trained on ImageNet: 4096 numbers >= 0 per second of video, the sum over two frames.

The paper that uses it for scenes (see `two_frames`) does not say which layer it takes. Here it is what the last layer
of the classifier sees, the rule by which the other picture encoders have their 2048 or 2208 numbers too.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.two_frames import SIZE, TIMES, SumOfFrames, to_pixels
from heterophony.encoders.vgg_network import Vgg, vgg_blocks

HEAD = ("classifier.6.weight", "classifier.6.bias")


def vgg19() -> TorchPictures:
    """The encoder."""
    return TorchPictures(
        name="vgg19",
        weights="vgg19",
        prepare=to_pixels,
        build=build,
        times=TIMES,
        size=SIZE,
        fit="stretch",
        dim=4096,
    )


def build(tensors: Mapping[str, Tensor], settings: Settings) -> SumOfFrames:
    """The loaded network; its sizes come from the tensors, its last layer is left out."""
    hidden = (len(tensors["classifier.0.weight"]), len(tensors["classifier.3.weight"]))
    with torch.device("meta"):
        network = Vgg(vgg_blocks(tensors), hidden)
    network.load_state_dict({name: x for name, x in tensors.items() if name not in HEAD}, assign=True)
    return SumOfFrames(network)
