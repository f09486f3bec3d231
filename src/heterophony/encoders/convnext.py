"""ConvNeXt-Tiny trained on the 527 classes of AudioSet, as the audio-text ensemble used it.

Source: Pellegrini et al., Adapting a ConvNeXt Model to Audio Classification on AudioSet, Interspeech 2023; weights of
https://zenodo.org/records/8020843, `convnext_tiny_465mAP_BL_AC_70kit.pth`. The embedding is that of the report
(papers/audio_text_ensemble): the mean of the last feature map over time and frequency, before the last layer norm. The
report took clips whole; so do we up to 30 s, and longer recordings in windows of 30 s.
"""

from collections.abc import Mapping
from re import fullmatch

import torch
from torch import Tensor, nn

from heterophony.encoders.convnext_network import ConvNext
from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_sound import TorchSound
from heterophony.features.convnext_log_mel import RATE_HZ, convnext_log_mel

DIM = 768
# In the checkpoint but not in the network: the front end, which is in `features`, and what follows the feature map
UNUSED = ("spectrogram_extractor.", "logmel_extractor.", "norm.", "head_audioset.")


def build_convnext(tensors: Mapping[str, Tensor], settings: Settings) -> nn.Module:
    """The loaded network, with the sizes of its tensors; names with or without "model." before them.

    Raises:
        KeyError: Tensors are missing.
        RuntimeError: Tensors are missing, of another shape, or too many.
    """
    nested = {name.removeprefix("model."): tensor for name, tensor in tensors.items() if name.startswith("model.")}
    own = {name: tensor for name, tensor in (nested or tensors).items() if not name.startswith(UNUSED)}
    kernels = [
        [name for name in own if fullmatch(rf"stages\.{stage}\.\d+\.dwconv\.weight", name)] for stage in range(4)
    ]
    dims = [len(own[f"stages.{stage}.0.dwconv.weight"]) for stage in range(4)]
    network = ConvNext(len(own["bn0.weight"]), [len(names) for names in kernels], dims)
    network.load_state_dict(own)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def convnext() -> TorchSound:
    """Sound encoder: 768 numbers per window of 30 s at 32 kHz; a shorter recording is one window of its length."""
    return TorchSound(
        name="convnext-tiny-audioset",
        weights="convnext-tiny-audioset",
        prepare=convnext_log_mel,
        build=build_convnext,
        rate_hz=RATE_HZ,
        window=30 * RATE_HZ,
        hop=30 * RATE_HZ,
        shortest=RATE_HZ,
        dim=DIM,
    )
