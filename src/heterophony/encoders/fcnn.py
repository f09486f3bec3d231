"""The fully convolutional network for acoustic scenes: 512 numbers per second of stereo sound.

Network and source: see `fcnn_network`. Nobody published weights for 1-s windows; they come from a training run of one's
own.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from heterophony.encoders.embed_only import EmbedOnly
from heterophony.encoders.fcnn_network import Fcnn
from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_sound import TorchSound
from heterophony.features.log_mel_deltas import log_mel_deltas

RATE_HZ = 48_000


def fcnn(name: str) -> TorchSound:
    """The encoder "fcnn" or "fcnn-small"."""
    return TorchSound(
        name=name,
        weights=name,
        prepare=log_mel_deltas,
        build=build,
        rate_hz=RATE_HZ,
        window=RATE_HZ,
        hop=RATE_HZ,
        shortest=RATE_HZ,
        dim=512,
        channels=2,
    )


def build(tensors: Mapping[str, Tensor], settings: Settings) -> EmbedOnly:
    """The loaded network; its sizes come from the tensors, its head, if it has one, is left out."""
    widths = [len(tensors[f"block{i}.0.weight"]) for i in (1, 2, 3)]
    with torch.device("meta"):
        network = Fcnn(len(tensors["conv.weight"]), 0, widths, len(tensors["norm.weight"]))
    network.load_state_dict({name: x for name, x in tensors.items() if not name.startswith("head.")}, assign=True)
    return EmbedOnly(network, network.embed)
