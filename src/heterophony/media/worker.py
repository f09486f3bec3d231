"""What runs inside a worker process: its memory limit, its one-time start, and the call for each item."""

import functools
import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from heterophony.errors import HeterophonyError

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class _Start:
    """How this process is to be started; set once by `remember`."""

    initializer: Callable[..., None] | None = None
    initargs: tuple[object, ...] = ()


_START = _Start()


def remember(memory_bytes: int, initializer: Callable[..., None] | None, initargs: tuple[object, ...]) -> None:
    """Limit the memory of this process and note how to start it.

    The start itself waits for the first item, because a process pool swallows what an initializer raises.

    Args:
        memory_bytes: Private writable memory (RLIMIT_DATA), beyond which allocations fail.
        initializer: To be called before the first item, or None.
        initargs: Its arguments.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    _START.initializer, _START.initargs = initializer, initargs


def call(function: Callable[[Item], Result], item: Item) -> Result:
    """Apply the function to an item, after the start if this is the first one.

    Raises:
        HeterophonyError: The initializer failed.
    """
    _start()
    return function(item)


@functools.cache
def _start() -> None:
    if _START.initializer is None:
        return
    try:
        _START.initializer(*_START.initargs)
    except HeterophonyError:
        raise
    except Exception as error:
        raise HeterophonyError(f"a worker process could not start: {type(error).__name__}: {error}") from error
