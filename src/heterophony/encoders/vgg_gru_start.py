"""Where a training of "vgg16-bigru" may start: VGG-16's convolutions from somebody's checkpoint, the rest drawn.

Source: Naranjo-Alcazar et al., DCASE 2021 (see `vgg_gru_network`): convolutions of Places365 or ImageNet. Two layouts:

* torchvision's (`vgg16-397923af.pth`, ImageNet; a state dict with "features.0.weight" …), trained on colours of 0..1,
  less their mean, by their deviation. The network's pixels are 0..255, so this goes into the first convolution::

      W' = W / (255 d)        b' = b - sum W m / d

  but for the rim of a frame, where zeros stand for black and no longer for the mean colour;
* Keras' HDF5 (`vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5`, or that of Places365; "block1_conv1" …), taken as it
  is, as the original does, which feeds it pixels in another order and less no mean.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from heterophony.encoders.two_frames import DEVIATION, MEAN
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.encoders.vgg_network import vgg_blocks

OF_TORCH = re.compile(r"^(?:state_dict\.)?(?:module\.)?(features\.\d+\.(?:weight|bias))$")
OF_KERAS = re.compile(r"block(\d+)_conv(\d+)(?!\d)")


def completed(tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """The tensors of a whole network, where a checkpoint has only VGG's convolutions: the others are drawn.

    They come from torch's global generator. Every other checkpoint is given back as it is.
    """
    if any(name.startswith("gru.") for name in tensors):
        return tensors
    found = _of_torch(tensors) or _of_keras(tensors)
    return {**VggGru(0, vgg_blocks(found)).state_dict(), **found} if found else tensors


def _of_torch(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    found = {match[1]: x for name, x in tensors.items() if (match := OF_TORCH.match(name))}
    if not found or any(x.ndim != 4 for name, x in found.items() if name.endswith("weight")):
        return {}  # none, or a VGG with normalisations
    first, bias = found["features.0.weight"], found["features.0.bias"]
    mean, deviation = (torch.from_numpy(x)[:, None, None] for x in (MEAN, DEVIATION))
    found["features.0.weight"] = first / (255 * deviation)
    found["features.0.bias"] = bias - (first * mean / deviation).sum((1, 2, 3))
    return found


def _of_keras(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same by torch's names: two numbers after a convolution comes the next, three where a pooling is between."""
    layers: dict[tuple[int, int], list[Tensor]] = {}
    for name, x in tensors.items():
        if match := OF_KERAS.search(name):
            layers.setdefault((int(match[1]), int(match[2])), []).append(x)
    found: dict[str, Tensor] = {}
    for number, ((block, _), parts) in enumerate(sorted(layers.items(), key=lambda layer: layer[0])):
        for x in parts:
            kernel = x.ndim == 4  # rows, columns, from, to
            part, value = ("weight", x.permute(3, 2, 0, 1).contiguous()) if kernel else ("bias", x)
            found[f"features.{2 * number + block - 1}.{part}"] = value
    return found
