"""The one place that may touch the global random state of the framework, and gives it back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seeds the framework's global generators within the block and restores them after it.

    Dropout and the initialisation of layers take no generator, so models are built and trained inside such a block.
    Everything else is given a `torch.Generator`.

    Args:
        seed: Any whole number, -2^63 .. 2^64 - 1.

    Example:
        >>> with seeded(1821):
        ...     first = torch.rand(3)
        >>> with seeded(1821):
        ...     second = torch.rand(3)
        >>> bool((first == second).all())
        True
    """
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)  # noqa: TID251 - forked: the state outside the block stays as it was
        yield


def global_states(device: torch.device) -> dict[str, Tensor]:
    """The states of the framework's global generators: of the processor, and of `device` if that is another."""
    states = {"cpu": torch.random.get_rng_state()}
    if device.type == "cuda":
        states["device"] = torch.cuda.get_rng_state(device)
    if device.type == "mps":
        states["device"] = torch.mps.get_rng_state()
    return states


def set_global_states(states: Mapping[str, Tensor], device: torch.device) -> None:
    """Goes back to what `global_states` gave; inside `seeded` only."""
    torch.random.set_rng_state(states["cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states["device"], device)
    if device.type == "mps":
        torch.mps.set_rng_state(states["device"])
