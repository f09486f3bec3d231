"""Sound encoders from torch, taken apart so that recipes can train their networks, and put together again.

A trained one is `NAME@FILE`: an encoder like any other, which cuts recordings into windows of the length that it was
trained on, shorter ones followed by zeros. The file holds all tensors of its network, and the shapes of the published
ones, from which the network is built: the published weights need not be at hand any more.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heterophony.encoders.clap import Clap
from heterophony.encoders.loading import encoder_named
from heterophony.encoders.own_weights import Weights, find_weights
from heterophony.encoders.torch_network import load_network
from heterophony.encoders.torch_sound import TorchSound
from heterophony.encoders.tuned import Trainable
from heterophony.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from torch import nn


def trainable_encoder(name: str) -> Trainable:
    """The sound encoder of this name, if its network can be trained; its weights are here.

    Raises:
        ConfigError: Unknown, not of sound, without a torch network, or with two channels.
        ModelError: Its weights are not here, or are an ONNX graph.
    """
    encoder: Any = encoder_named(name)
    if not isinstance(encoder, TorchSound | Clap):
        raise ConfigError(
            f"encoder {name!r} cannot be fine-tuned: it is no sound encoder whose network is a torch module; "
            "such are efficientat-mn04, efficientat-mn10, clap, clap-unfused, beats, convnext-tiny-audioset, matpac"
        )
    if encoder.channels != 1:
        raise ConfigError(f"encoder {name!r} cannot be fine-tuned: it hears left and right, wanted is one channel")
    _weights_of(encoder)
    return encoder


def network_of(encoder: Trainable) -> "nn.Module":
    """Its network, a copy of one's own in evaluation mode, every parameter asking for a gradient.

    The network takes what `encoder.prepare` makes of windows `[n, samples]` and gives `[n, dim]`.

    Raises:
        ModelError: Its weights are not here, are an ONNX graph, or are not those of such a network.
    """
    weights = _weights_of(encoder)
    return load_network(encoder.build, weights.path, weights.sha256).requires_grad_()


def save_tuned(network: "nn.Module", encoder: Trainable, window: int, path: Path) -> None:
    """Writes a trained network, from which `tuned_encoder` makes an encoder again; equal networks give equal bytes.

    Args:
        network: Came from `network_of(encoder)`.
        encoder: As published, or tuned before.
        window: Samples of the windows that it was trained on.
        path: The file, safetensors.
    """
    from safetensors import safe_open
    from safetensors.torch import save_file

    weights = _weights_of(encoder)
    if weights.tuned is None:
        with safe_open(weights.path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        published = {name: [str(x.dtype).removeprefix("torch."), *x.shape] for name, x in sorted(tensors.items())}
    else:
        published = {name: list(shape) for name, shape in weights.tuned.published.items()}
    facts = {"encoder": encoder.name, "window": window, "settings": dict(weights.settings), "published": published}
    state = {name: x.detach().cpu().contiguous().clone() for name, x in network.state_dict().items()}
    save_file(state, path, {"tuned": json.dumps(facts)})  # one key: the order of several is not always the same


def _weights_of(encoder: Trainable) -> Weights:
    weights = find_weights(encoder.weights)
    if weights.path.suffix != ".safetensors":
        raise ModelError(
            f"{weights.path}: a graph cannot be trained; add the checkpoint of {encoder.name!r}: "
            f"heterophony weights add {encoder.name} FILE"
        )
    return weights
