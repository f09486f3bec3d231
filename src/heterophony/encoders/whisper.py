"""Whisper base, the encoder alone: a transformer that was trained to write down and translate speech.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", ICML 2023; weights
openai/whisper-base; the network is that of the library transformers. It takes 30 s, and what is shorter is followed by
zeros up to that, of which it makes frames like any others: 1500 per window, 20 ms each.

"whisper-base" is the mean over the frames that begin within the recording, `ceil(samples / 320)` of them.
"whisper-base-padded" is the mean over all 1500, padding included, as in the audio-text ensemble of DCASE 2026 task 1:
of a clip of 5 s, five sixths of that vector are padding. The ensemble also reads the first 30 s and nothing else, and
resampled by linear interpolation without a filter; here all of a recording is heard, and resampling is soxr's.
"""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn

from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_sound import TorchSound
from heterophony.encoders.transformers_library import transformers_model
from heterophony.features.whisper_log_mel import HOP, N_MELS, RATE_HZ, WINDOW, whisper_log_mel

ENCODER = "model.encoder."  # the decoder, which would write the words down, is left out
HEAD = 64  # numbers per attention head, in every published size


def whisper(name: str) -> TorchSound:
    """Sound encoder: windows of 30 s at 16 kHz to 512 numbers.

    Args:
        name: "whisper-base" or "whisper-base-padded".
    """
    return TorchSound(
        name=name,
        weights="whisper-base",
        prepare=prepare_padded if name.endswith("-padded") else prepare,
        build=build,
        rate_hz=RATE_HZ,
        window=WINDOW,
        hop=WINDOW,
        shortest=1,
        padding="zeros up to 30 s, which " + ("count" if name.endswith("-padded") else "do not count") + ";",
        dim=512,
    )


def prepare(windows: Float32[np.ndarray, "n samples"]) -> Float32[np.ndarray, "n 81 3000"]:
    """The 80 mel bands of windows up to 30 s, then a row: 1 where a frame is of the recording, 0 in the padding."""
    features = prepare_padded(windows)
    features[:, -1, -(-windows.shape[1] // HOP) :] = 0.0
    return features


def prepare_padded(windows: Float32[np.ndarray, "n samples"]) -> Float32[np.ndarray, "n 81 3000"]:
    """The same with a row of ones: every frame counts."""
    return np.pad(whisper_log_mel(windows), ((0, 0), (0, 1), (0, 0)), constant_values=1.0)


class WhisperMean(nn.Module):
    """The encoder, then the mean over the frames that count."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, features: Tensor) -> Tensor:
        """From `[n, 81, 3000]` to `[n, dim]`: a frame of the encoder stands for two frames of mel bands."""
        states = self.encoder(features[:, :-1]).last_hidden_state  # [n, 1500, dim]
        counted = features[:, -1, ::2, None]
        mean: Tensor = (states * counted).sum(dim=1) / counted.sum(dim=1)
        return mean


def build(tensors: Mapping[str, Tensor], settings: Settings) -> nn.Module:
    """The loaded network, from names of transformers, as on the hub: `model.encoder.layers.0.fc1.weight`.

    Raises:
        KeyError: Tensors are missing.
        RuntimeError: Tensors are missing, of another shape, or too many.
    """
    state = {name.removeprefix(ENCODER): tensor for name, tensor in tensors.items() if name.startswith(ENCODER)}
    dim, mels, _ = state["conv1.weight"].shape
    if mels != N_MELS:
        raise RuntimeError(f"{mels} mel bands; {N_MELS} wanted")
    encoder = unloaded(
        dim,
        layers=len({name.split(".")[1] for name in state if name.startswith("layers.")}),
        hidden=len(state["layers.0.fc1.weight"]),
        frames=len(state["embed_positions.weight"]),
    )
    encoder.load_state_dict(state, assign=True)
    return WhisperMean(encoder)


def unloaded(dim: int, *, layers: int, hidden: int, frames: int = 1500) -> nn.Module:
    """The encoder of transformers without weights, on the meta device.

    Args:
        dim: Width, a multiple of 64.
        layers: How many.
        hidden: Width inside the feed-forward parts.
        frames: What it makes of a window.
    """
    config = transformers_model("whisper.configuration_whisper").WhisperConfig(
        d_model=dim,
        encoder_layers=layers,
        encoder_attention_heads=dim // HEAD,
        encoder_ffn_dim=hidden,
        num_mel_bins=N_MELS,
        max_source_positions=frames,
    )
    with torch.device("meta"):
        network: nn.Module = transformers_model("whisper.modeling_whisper").WhisperEncoder(config)
    return network
