"""VGG-16 and a recurrent layer over five frames of a second: 64 numbers per second of video, or 2880 with the frames'.

Network and source: see `vgg_gru_network`. Nobody published trained weights; they come from a training run of one's own,
which may start from VGG-16's convolutions alone (`vgg_gru_start`). Frames are resized to 224 x 224, each side by
itself, and go in as they are, 0..255, as in the original.
"""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor

from heterophony.encoders.embed_only import EmbedOnly
from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.encoders.vgg_network import vgg_blocks

TIMES = (0.0, 0.2, 0.4, 0.6, 0.8)
DIM = 64
SEEN = 512  # numbers that VGG-16 has for a frame


def vgg_gru(name: str) -> TorchPictures:
    """The encoder "vgg16-bigru", or "vgg16-bigru+sequence" with what there is at each frame; one network."""
    sequence = len(TIMES) * (SEEN + DIM)
    build, dim = {"vgg16-bigru": (build_embedding, DIM), "vgg16-bigru+sequence": (build_sequence, sequence)}[name]
    return TorchPictures(
        name=name,
        weights="vgg16-bigru",
        prepare=to_pixels,
        build=build,
        times=TIMES,
        size=224,
        fit="stretch",
        dim=dim,
    )


def to_pixels(frames: UInt8[np.ndarray, "n times height width 3"]) -> Float32[np.ndarray, "n times 3 height width"]:
    """The same numbers, as the network wants them."""
    return np.ascontiguousarray(np.moveaxis(frames, -1, 2), dtype=np.float32)


def build_embedding(tensors: Mapping[str, Tensor], settings: Settings) -> EmbedOnly:
    """The loaded network; its sizes come from the tensors, its head is left out."""
    network = _loaded(tensors)
    return EmbedOnly(network, network.embed)


def build_sequence(tensors: Mapping[str, Tensor], settings: Settings) -> EmbedOnly:
    """The same network, which says what there is at each frame."""
    network = _loaded(tensors)
    return EmbedOnly(network, network.sequence)


def _loaded(tensors: Mapping[str, Tensor]) -> VggGru:
    if "gru.weight_hh_l0" not in tensors:
        raise KeyError("gru.weight_hh_l0 is missing; VGG-16's convolutions alone can be trained, not used")
    units = tensors["gru.weight_hh_l0"].shape[1]
    with torch.device("meta"):
        network = VggGru(0, vgg_blocks(tensors), units)
    network.load_state_dict({name: x for name, x in tensors.items() if not name.startswith("head.")}, assign=True)
    return network
