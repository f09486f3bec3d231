"""One function over many files in worker processes, so that no file can take the others down with it."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from typing import TypeVar

import pebble

from heterophony.errors import MediaError
from heterophony.media.limits import Limits
from heterophony.media.worker import call, remember

Item = TypeVar("Item")
Result = TypeVar("Result")

# What one item may do wrong; anything else is a fault of the program and is raised.
ITEM_ERRORS = (OSError, ValueError, RuntimeError, ArithmeticError, LookupError, MemoryError, EOFError)
# Numerical libraries read these when they are loaded, in the worker.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
_AHEAD = 4


def run_in_workers(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    limits: Limits,
    initializer: Callable[..., None] | None = None,
    initargs: tuple[object, ...] = (),
    name: Callable[[Item], str] = str,
) -> Iterator[tuple[int, Result | MediaError]]:
    """Apply a function to each item, each under a time limit and a memory limit, in processes of their own.

    An item whose function raises, takes too long, needs too much memory or crashes its process gives a `MediaError` in
    place of a result, and only that item does. Processes are spawned, so a script that calls this needs the usual
    `if __name__ == "__main__":`.

    Args:
        function: Called with one item; must be importable by name (no lambda, no local function).
        items: What to work on; they and the results travel by pickle.
        workers: Number of processes; 0 works in this process, without time and memory limits.
        limits: `timeout_s` per item and `memory_bytes` per process.
        initializer: Called once in each process before its first item (to load a network).
        initargs: Its arguments.
        name: How messages name an item.

    Yields:
        (index of the item, result or MediaError), in the order in which they are done.

    Raises:
        HeterophonyError: The initializer failed, or the function raised one that is not a `MediaError`.
    """
    if workers == 0:
        yield from _run_here(function, items, initializer, initargs, name)
        return
    context = multiprocessing.get_context("spawn")
    settings = (limits.memory_bytes, initializer, initargs)
    waiting = iter(enumerate(items))
    running: dict[Future[Result], int] = {}
    with (
        _one_thread_each(),
        pebble.ProcessPool(workers, initializer=remember, initargs=settings, context=context) as pool,
    ):
        try:
            while True:
                for index, item in _take(waiting, workers * _AHEAD - len(running)):
                    running[pool.schedule(call, args=(function, item), timeout=limits.timeout_s)] = index
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=running.__getitem__):
                    index = running.pop(future)
                    outcome = _outcome(future, name(items[index]), limits)
                    yield index, outcome
        finally:
            for future in running:  # left early: what is still going on is not waited for
                future.cancel()


def _run_here(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    initializer: Callable[..., None] | None,
    initargs: tuple[object, ...],
    name: Callable[[Item], str],
) -> Iterator[tuple[int, Result | MediaError]]:
    if initializer is not None:
        initializer(*initargs)
    for index, item in enumerate(items):
        outcome: Result | MediaError
        try:
            outcome = function(item)
        except (MediaError, *ITEM_ERRORS) as error:
            outcome = _refusal(error, name(item))
        yield index, outcome


def _outcome(future: Future[Result], name: str, limits: Limits) -> Result | MediaError:
    """The result of a finished future, or why there is none."""
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, pebble.ProcessExpired):
        return MediaError(f"{name}: decoding it {_how_it_ended(error.exitcode)}")
    if isinstance(error, TimeoutError):
        return MediaError(f"{name}: not done after {limits.timeout_s:g} s")
    if isinstance(error, (MediaError, *ITEM_ERRORS)):
        return _refusal(error, name)
    raise error


def _refusal(error: BaseException, name: str) -> MediaError:
    if isinstance(error, MediaError):
        return error
    if isinstance(error, MemoryError):
        return MediaError(f"{name}: needs more memory than is allowed")
    return MediaError(f"{name}: {type(error).__name__}: {error}")


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended the worker process with code {code}"
    known = {number.value: number.name for number in signal.Signals}
    return f"crashed the worker process ({known.get(-code, f'signal {-code}')})"


def _take(waiting: Iterator[tuple[int, Item]], most: int) -> Iterator[tuple[int, Item]]:
    for _, numbered in zip(range(most), waiting, strict=False):
        yield numbered


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that are started meanwhile compute with one thread, as there are several of them."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
