"""Runs torch modules as encoders do: loaded once per process, one thread, the same bytes every time."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, Num

from heterophony.encoders.own_weights import Weights, weights_at
from heterophony.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor, nn

Settings = Mapping[str, bool | int | float | str]
Builder = Callable[[Mapping[str, "Tensor"], Settings], "nn.Module"]
Build = Builder | str
"""The builder itself, or "module:name", so that a process which only wants the fingerprint need not import torch."""


def run(build: Build, weights: Weights, features: Num[np.ndarray, "n ..."]) -> Float32[np.ndarray, "n dim"]:
    """What the network makes of features.

    Args:
        build: Makes the loaded network from the tensors of a checkpoint, names as published, and its settings.
        weights: Where the tensors are.
        features: The network's input: float32, or int64 where it reads tokens.

    Raises:
        ModelError: The tensors are not those of such a network.
    """
    import torch

    network = _network(build, weights.path, weights.sha256)
    with _one_thread(), torch.inference_mode():
        return np.ascontiguousarray(network(torch.from_numpy(features)).numpy(), dtype=np.float32)


@cache
def _network(build: Build, path: Path, sha256: str) -> "nn.Module":
    """The loaded network, once per process."""
    return load_network(build, path).requires_grad_(requires_grad=False)


def load_network(build: Build, path: Path) -> "nn.Module":
    """A network of one's own from a file of weights, published or fine-tuned, in evaluation mode.

    Raises:
        ModelError: The tensors are not those of such a network.
    """
    from safetensors.torch import load_file

    return network_from(build, load_file(path), weights_at(path, path.stat().st_mtime_ns))


def network_from(build: Build, tensors: Mapping[str, "Tensor"], weights: Weights) -> "nn.Module":
    """The same from tensors that are loaded already.

    Raises:
        ModelError: The tensors are not those of such a network.
    """
    import torch

    try:
        if weights.tuned is None:
            return builder(build)(tensors, weights.settings).eval()
        empty = {
            name: torch.zeros([int(n) for n in shape], dtype=getattr(torch, str(kind)))
            for name, (kind, *shape) in weights.tuned.published.items()
        }
        network = builder(build)(empty, weights.settings)
        network.load_state_dict(tensors)
        return network.eval()
    except (KeyError, RuntimeError) as error:  # how torch says that tensors are missing or have another shape
        said = " ".join(str(error).split())[:300]
        where = f"{weights.path}: not the weights of such a network (SHA-256 {weights.sha256[:16]}…)"
        raise ModelError(f"{where}: {said}") from error


def builder(build: Build) -> Builder:
    """The builder itself."""
    if not isinstance(build, str):
        return build
    module, _, name = build.partition(":")
    found: Builder = getattr(import_module(module), name)
    return found


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums are taken in the same order on any machine, and worker processes do not fight for cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
