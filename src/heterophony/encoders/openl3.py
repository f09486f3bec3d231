"""OpenL3: taught, without labels, to say whether sound and picture belong together.

Source: Cramer et al., Look, Listen and Learn More: Design Choices for Deep Audio Embeddings, ICASSP 2019; weights of
https://github.com/marl/openl3, branch models, `openl3_audio_mel256_{env,music}` as Keras HDF5 (unpacked from .gz). The
512 numbers of the baseline of DCASE 2021 Task 1B (specs/audio_visual D.2), which took a window every 0.1 s and used one
per second; here windows of one second begin every 0.5 s.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from heterophony.encoders.fold_norms import fold_norms
from heterophony.encoders.openl3_network import CONVOLUTIONS, OpenL3
from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_sound import TorchSound
from heterophony.features.openl3_log_mel import RATE_HZ, WINDOW, openl3_log_mel

DIM = 512
FRONT_END = "spectrogram"  # part of the names of layers that are in `features` here; absent from the files of 0.4
LAYER = re.compile(r"(?:.*?\.)?(conv2d|audio_embedding_layer|batch_normalization)(?:_(\d+))?\.(?:.*\.)?(\w+):0")
PARTS = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def build_openl3(tensors: Mapping[str, Tensor], settings: Settings) -> nn.Module:
    """The loaded network, with the channels of its tensors.

    Keras numbers layers by session, so their order counts, not their numbers.

    Raises:
        KeyError: Tensors are missing.
        RuntimeError: Tensors are missing, of another shape, or too many.
    """
    layers: dict[tuple[str, int], dict[str, Tensor]] = defaultdict(dict)
    unknown = []
    for name, tensor in tensors.items():
        found = LAYER.fullmatch(name)
        if found:
            kind, number, part = found.groups()
            layers[kind, int(number or 0)][PARTS[part]] = tensor
        elif FRONT_END not in name:
            unknown.append(name)
    convolutions = [layers[key] for key in sorted(layers) if key[0] == "conv2d"] + [layers["audio_embedding_layer", 0]]
    norms = [layers[key] for key in sorted(layers) if key[0] == "batch_normalization"]
    if unknown or not len(convolutions) == len(norms) == CONVOLUTIONS:
        found_too = f"; unexpected are {', '.join(unknown)}" if unknown else ""
        raise RuntimeError(f"8 convolutions and norms wanted, {len(convolutions)} and {len(norms)} found{found_too}")
    return _load(convolutions, norms)


def _load(convolutions: list[dict[str, Tensor]], norms: Iterable[dict[str, Tensor]]) -> nn.Module:
    """The network with these tensors, in the order in which they are used."""
    network = OpenL3([layer["weight"].shape[-1] for layer in convolutions])
    # Keras: height, width, in, out
    kernels = iter([layer | {"weight": layer["weight"].permute(3, 2, 0, 1)} for layer in convolutions])
    others = iter(norms)
    parts = {"norm": next(others)}
    for place, part in enumerate(network.layers):
        if isinstance(part, nn.Conv2d | nn.BatchNorm2d):
            parts[f"layers.{place}"] = next(kernels if isinstance(part, nn.Conv2d) else others)
    network.load_state_dict({f"{name}.{key}": tensor for name, part in parts.items() for key, tensor in part.items()})
    fold_norms(network)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def openl3(content: str) -> TorchSound:
    """Sound encoder: 512 numbers per window of one second at 48 kHz, two windows per second.

    Args:
        content: What the network was trained on, "env" or "music".
    """
    return TorchSound(
        name=f"openl3-{content}",
        weights=f"openl3-{content}",
        prepare=openl3_log_mel,
        build=build_openl3,
        rate_hz=RATE_HZ,
        window=WINDOW,
        hop=WINDOW // 2,
        shortest=WINDOW,
        dim=DIM,
    )
