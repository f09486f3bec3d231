"""Encoders from torch, taken apart so that recipes can train their networks, and put together again.

A trained one is `NAME@FILE`: an encoder like any other, which cuts recordings into windows of the length that it was
trained on, shorter ones followed by zeros, or looks at frames of the size that it was trained on. The file holds all
tensors of its network, and the shapes of those that the network is built from: the published weights need not be at
hand any more.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from heterophony.encoders.loading import encoder_to_train
from heterophony.encoders.own_weights import Weights, find_weights
from heterophony.encoders.torch_network import Settings, builder, network_from
from heterophony.encoders.tuned import Trainable
from heterophony.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["Start", "Trainable", "network_of", "save_tuned", "trainable_encoder"]

Start = Literal["published", "scratch"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a network was built from; it stays with the network, as its attribute `plan`.

    Attributes:
        published: Name of each tensor to its type and shape, `["float32", 64, 1, 4, 4]`.
        settings: Of the published file.
    """

    published: Mapping[str, Sequence[str | int]]
    settings: Settings


def trainable_encoder(name: str, start: Start = "published") -> Trainable:
    """The encoder of this name, if its network can be trained from there.

    Args:
        name: In `ENCODERS`, or `NAME@FILE`.
        start: "published": from the weights that the encoder has, which are here; "scratch": from none, drawn anew.

    Raises:
        ConfigError: Unknown, without a torch network, or without one that can be drawn.
        ModelError: Its weights are not here, or are an ONNX graph.
    """
    encoder: Any = encoder_to_train(name)
    if not isinstance(encoder, Trainable):
        raise ConfigError(
            f"encoder {name!r} cannot be fine-tuned: its network is no torch module; such are those of fcnn, "
            "densenet161-places365, efficientnet-lite0, efficientat-mn04, clap, beats (docs/rooms/encoders.md has all)"
        )
    if start == "published":
        _weights_of(encoder)
        return encoder
    from heterophony.encoders.scratch import from_scratch

    from_scratch(name)
    return encoder


def network_of(encoder: Trainable, start: Start = "published") -> "nn.Module":
    """Its network, a copy of one's own in evaluation mode, every parameter asking for a gradient.

    The network takes what `encoder.prepare` makes of windows `[n, samples]`, `[n, 2, samples]` or of frames
    `[n, times, height, width, 3]`, and gives `[n, dim]`. What is drawn comes from torch's global generator: wrap the
    call in `training.seeded`. That is all of it from scratch, and with published weights what a checkpoint may lack.

    Its convolutions lie in memory with channels last: gradients of filters per channel take up to 40 times as long
    otherwise on a processor.

    Args:
        encoder: From `trainable_encoder`.
        start: As there.

    Raises:
        ConfigError: The encoder cannot be trained from scratch.
        ModelError: Its weights are not here, are an ONNX graph, or are not those of such a network.
    """
    import torch

    network, plan = _drawn(encoder) if start == "scratch" else _published(encoder)
    network.plan = cast(Any, plan)  # neither tensor nor module: no part of the state
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval().requires_grad_()


def save_tuned(network: "nn.Module", encoder: Trainable, window: int, path: Path) -> None:
    """Writes a trained network, from which `tuned_encoder` makes an encoder again; equal networks give equal bytes.

    Args:
        network: Came from `network_of`.
        encoder: Whose network it is.
        window: Samples of the windows that it was trained on; of pictures the pixels per side of the frames, `size`.
        path: The file, safetensors.
    """
    from safetensors.torch import save_file

    plan: Any = network.plan
    published = {name: list(shape) for name, shape in sorted(plan.published.items())}
    facts = {"encoder": encoder.name, "window": window, "settings": dict(plan.settings), "published": published}
    state = {name: x.detach().cpu().contiguous().clone() for name, x in network.state_dict().items()}
    save_file(state, path, {"tuned": json.dumps(facts)})  # one key: the order of several is not always the same


def _drawn(encoder: Trainable) -> tuple["nn.Module", Plan]:
    """A network without training."""
    from heterophony.encoders.scratch import from_scratch

    tensors = from_scratch(encoder.name)().state_dict()
    return builder(encoder.build)(tensors, {}), Plan(_shapes(tensors), {})


def _published(encoder: Trainable) -> tuple["nn.Module", Plan]:
    """A network with the weights that the encoder has."""
    from safetensors.torch import load_file

    from heterophony.encoders.scratch import COMPLETIONS

    weights = _weights_of(encoder)
    tensors: Mapping[str, Tensor] = load_file(weights.path)
    if encoder.weights in COMPLETIONS:
        tensors = COMPLETIONS[encoder.weights](tensors)
    network = network_from(encoder.build, tensors, weights)
    shapes = _shapes(tensors) if weights.tuned is None else weights.tuned.published
    return network, Plan(shapes, weights.settings)


def _shapes(tensors: Mapping[str, "Tensor"]) -> Mapping[str, Sequence[str | int]]:
    return {name: [str(x.dtype).removeprefix("torch."), *x.shape] for name, x in tensors.items()}


def _weights_of(encoder: Trainable) -> Weights:
    weights = find_weights(encoder.weights)
    if weights.path.suffix != ".safetensors":
        raise ModelError(
            f"{weights.path}: a graph cannot be trained; add the checkpoint of {encoder.name!r}: "
            f"heterophony weights add {encoder.name} FILE"
        )
    return weights
