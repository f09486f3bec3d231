"""The squeeze-excitation network on gammatone maps: 128 numbers per second of stereo sound.

Network and source: see `se_conv_network`. Nobody published trained weights; they come from a training run of one's own.
The original cuts the map of a 10-s clip into ten blocks of 50 columns, the last column of the clip twice; here each
window is 44,982 samples long, which gives 50 columns by themselves, so that any length of sound is treated alike.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from heterophony.encoders.embed_only import EmbedOnly
from heterophony.encoders.se_conv_network import SeConv
from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_sound import TorchSound
from heterophony.features.gammatone import gammatone_map

WINDOW = 44_982  # 49 hops of 20 ms and one frame of 40 ms, at 44.1 kHz
DIM = 128
STEPS = 5


def se_conv(name: str) -> TorchSound:
    """The encoder "se-conv", or "se-conv+sequence" with what there is at five times before it; one network."""
    build, dim = {"se-conv": (build_embedding, DIM), "se-conv+sequence": (build_sequence, (STEPS + 1) * DIM)}[name]
    return TorchSound(
        name=name,
        weights="se-conv",
        prepare=gammatone_map,
        build=build,
        rate_hz=44_100,
        window=WINDOW,
        hop=44_100,
        shortest=WINDOW,
        dim=dim,
        channels=2,
    )


def build_embedding(tensors: Mapping[str, Tensor], settings: Settings) -> EmbedOnly:
    """The loaded network; its sizes come from the tensors, its head is left out."""
    network = _loaded(tensors)
    return EmbedOnly(network, network.embed)


def build_sequence(tensors: Mapping[str, Tensor], settings: Settings) -> EmbedOnly:
    """The same network, which says what there is at five times, too."""
    network = _loaded(tensors)
    return EmbedOnly(network, network.sequence)


def _loaded(tensors: Mapping[str, Tensor]) -> SeConv:
    first = tensors["blocks.0.conv1.weight"]
    blocks = len([name for name in tensors if re.fullmatch(r"blocks\.\d+\.conv1\.weight", name)])
    widths = [len(tensors[f"blocks.{i}.conv1.weight"]) for i in range(blocks)]
    with torch.device("meta"):
        network = SeConv(0, widths, first.shape[1])
    network.load_state_dict({name: x for name, x in tensors.items() if not name.startswith("head.")}, assign=True)
    return network
