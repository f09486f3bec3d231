"""The one place that may touch the global random state of the framework, and gives it back."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


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
