"""BEATs: a transformer that was taught itself by guessing acoustic tokens, then fine-tuned on AudioSet.

Source: Chen et al., BEATs: Audio Pre-Training with Acoustic Tokenizers, ICML 2023; weights of microsoft/unilm, folder
beats (iter3+, AS2M, fine-tuned on AS2M, cpt1). The vector is the mean over patches of the last layer; the 527 AudioSet
classes behind it are left out.

The audio-text ensemble (DCASE 2026 task 1) reads the first 30 s and nothing else, and its run failed on 81 very short
recordings. Here a recording up to 30 s gives the same vector; a longer one is covered by windows of 30 s, patch after
patch, whose vectors are averaged; one that is shorter than a patch (0.175 s) is followed by zeros.
"""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn
from torch.nn.utils.parametrize import remove_parametrizations

from heterophony.encoders.beats_network import Beats, BeatsSizes
from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_sound import TorchSound
from heterophony.features.kaldi_fbank import FRAME, HOP, RATE_HZ, kaldi_fbank

BANDS = 128
PATCH = 16
MEAN = np.float32(15.41663)
SPREAD = np.float32(2 * 6.55582)
FULL_SCALE = np.float32(32768)  # it was trained on 16-bit numbers
WINDOW = 30 * RATE_HZ
PATCHES = (1 + (WINDOW - FRAME) // HOP) // PATCH  # 187 along time in 30 s

# What this code knows; other checkpoints of the family may say otherwise
KNOWN = {
    "cfg.layer_norm_first": False,
    "cfg.activation_fn": "gelu",
    "cfg.relative_position_embedding": True,
    "cfg.gru_rel_pos": True,
    "cfg.conv_bias": False,
}
HEAD = ("predictor.weight", "predictor.bias")
BIAS = "self_attn.relative_attention_bias.weight"


def beats() -> TorchSound:
    """Sound encoder: windows of 30 s at 16 kHz to 768 numbers."""
    return TorchSound(
        name="beats",
        weights="beats",
        prepare=prepare,
        build=build,
        rate_hz=RATE_HZ,
        window=WINDOW,
        hop=PATCHES * PATCH * HOP,  # the next window goes on where the last whole patch ended
        shortest=(PATCH - 1) * HOP + FRAME,
        dim=768,
    )


def prepare(windows: Float32[np.ndarray, "n samples"]) -> Float32[np.ndarray, "n frames 128"]:
    """Normalised log-mel frames; samples in -1..1."""
    return np.asarray((kaldi_fbank(windows * FULL_SCALE, BANDS) - MEAN) / SPREAD)


def build(tensors: Mapping[str, Tensor], settings: Settings) -> nn.Module:
    """The network with the sizes of its tensors.

    Raises:
        KeyError: Tensors or settings are missing.
        RuntimeError: Tensors are missing, of another shape, or too many; or the settings are not those of BEATs.
    """
    other = {name: settings[name] for name, value in KNOWN.items() if settings[name] != value}
    if other:
        raise RuntimeError(f"settings {other}, where {', '.join(KNOWN)} must be {', '.join(map(str, KNOWN.values()))}")
    named = {name.removeprefix("model."): tensor for name, tensor in tensors.items()}
    sizes = _sizes(named, settings)
    shared = named[f"encoder.layers.0.{BIAS}"]
    dropped = {*HEAD, *(f"encoder.layers.{layer}.{BIAS}" for layer in range(sizes.layers))}
    wanted = {name: tensor for name, tensor in named.items() if name not in dropped}
    with torch.device("meta"):
        network = Beats(sizes)
    network.load_state_dict(wanted | {"encoder.relative_attention_bias.weight": shared}, assign=True)
    remove_parametrizations(network.encoder.pos_conv[0], "weight")  # the norm of the weights is worked out once
    return network


def _sizes(named: Mapping[str, Tensor], settings: Settings) -> BeatsSizes:
    patch_dim, _, patch, _ = named["patch_embedding.weight"].shape
    hidden, dim = named["encoder.layers.0.fc1.weight"].shape
    buckets, heads = named[f"encoder.layers.0.{BIAS}"].shape
    _, per_group, kernel = named["encoder.pos_conv.0.weight_v"].shape
    return BeatsSizes(
        patch=patch,
        patch_dim=patch_dim,
        dim=dim,
        hidden=hidden,
        layers=sum(name.endswith(".fc1.weight") for name in named),
        heads=heads,
        buckets=buckets,
        max_distance=int(settings["cfg.max_distance"]),
        kernel=kernel,
        groups=dim // per_group,
        deep_norm=bool(settings["cfg.deep_norm"]),
    )
