"""What a process of Ray does with a batch of items: it hands them to a worker process of its own and waits for them.

That worker process is one of `run_in_workers`, so limits of time and memory, crashes and refusals are those of a run on
one machine. It outlives the batch, so that a network is loaded once per core and not once per batch.
"""

import ctypes
import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from heterophony.errors import HeterophonyError, MediaError
from heterophony.media import Limits, run_in_workers

_PR_SET_PDEATHSIG = 1  # of prctl(2)
_NOT_THERE = os.strerror(2)


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that are done together: the number of the first, and all of them."""

    first: int
    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """(Number of an item, result or MediaError) of a batch, in the order in which they were done."""

    outcomes: tuple[tuple[int, Any], ...]


class Fault(Exception):  # noqa: N818 - it carries an error
    """Its first argument is an exception that stops the run, as it was: Ray Data adds to the texts of those it sees."""


@dataclass(frozen=True, slots=True)
class Task:
    """What Ray calls with each batch; the last five are arguments of `run_in_workers`.

    Attributes:
        run: A name that no other run has.
        release: The version of this package where the run was started.
        folder: The working folder there, to which relative paths refer.
    """

    run: str
    release: str
    folder: str
    function: Callable[[Any], Any]
    limits: Limits
    name: Callable[[Any], str]
    initializer: Callable[..., None] | None
    initargs: tuple[object, ...]

    def __call__(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """One row `{"batch": Batch}` to one row `{"done": Done}`.

        Raises:
            Fault: Another version is installed on this node; or what `run_in_workers` raises.
        """
        (batch,) = columns["batch"]
        done = np.empty(1, dtype=object)
        try:
            done[0] = Done(_KEPT.work(self, batch))
        except Exception as error:
            raise Fault(error) from error
        return {"done": done}


class Queue(list[Any]):
    """Items that come batch by batch: iterating stops where there is none, and goes on when more have come."""

    taken = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:  # noqa: ANN401 - items are anything
        if self.taken == len(self):
            raise StopIteration
        self.taken += 1
        return self[self.taken - 1]


@dataclass(slots=True, eq=False)
class _Kept:
    """The worker process of this process, and the run for which it was started."""

    run: str = ""
    queue: Queue = field(default_factory=Queue)
    outcomes: Iterator[tuple[int, Any]] = field(default_factory=lambda: iter(()))

    def work(self, task: Task, batch: Batch) -> tuple[tuple[int, Any], ...]:
        """(Number, outcome) of each item. Whatever is raised ends the worker process; the next batch gets a new one."""
        if self.run != task.run:
            self.run, self.queue = task.run, Queue()
            self.outcomes = _start(task, self.queue)
        before = len(self.queue)
        self.queue.extend(batch.items)
        try:
            done = [next(self.outcomes) for _ in batch.items]
        except BaseException:
            self.run = ""
            raise
        self.queue[before:] = [None] * len(batch.items)
        return tuple((batch.first + index - before, _with_node(outcome)) for index, outcome in done)


_KEPT = _Kept()


def _start(task: Task, queue: Queue) -> Iterator[tuple[int, Any]]:
    """Outcomes of what is put into the queue, out of one worker process."""
    here = version("heterophony")
    if here != task.release:
        raise HeterophonyError(
            f"node {platform.node()} has heterophony {here}, the run was started with {task.release}; "
            "install the same version on all nodes"
        )
    return run_in_workers(
        task.function,
        queue,
        workers=1,
        limits=task.limits,
        initializer=begin,
        initargs=(os.getpid(), task.folder, task.initializer, task.initargs),
        name=task.name,
    )


def begin(parent: int, folder: str, initializer: Callable[..., None] | None, initargs: tuple[object, ...]) -> None:
    """Prepares a worker process: it ends at once when its parent does, because Ray kills its processes.

    Args:
        parent: Process number of the parent.
        folder: To work in, where this node has it.
        initializer: Called with `initargs`, if there is one.
        initargs: Its arguments.

    Raises:
        HeterophonyError: The parent is gone already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise HeterophonyError("the process of Ray that wanted this one is gone")
    if Path(folder).is_dir():
        os.chdir(folder)
    if initializer is not None:
        initializer(*initargs)


def _with_node(outcome: object) -> object:
    """A file that is not there is named with the node: on another one it may be."""
    if not isinstance(outcome, MediaError) or _NOT_THERE not in str(outcome):
        return outcome
    return MediaError(f"{outcome}; looked for on node {platform.node()}")
