"""Folds side by side: each in a process of its own with one thread, so that their number changes no byte.

Where encoders are trained jointly, one fold after the other has all cores; then the number of threads is a part of what
decides the bytes, as the machine is.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

import torch
from threadpoolctl import threadpool_limits

from heterophony.clips import Split
from heterophony.errors import HeterophonyError, ModelError
from heterophony.recipes.cross_validate import FoldResult, run_fold
from heterophony.recipes.fold import Task
from heterophony.recipes.run_folder import write_fold
from heterophony.recipes.run_log import note
from heterophony.recipes.samples import Samples
from heterophony.recipes.tuned_folder import write_embeddings

Part = Samples | Split | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoldJob:
    """One fold to be trained, tested and written.

    Attributes:
        task: Recipe, tree, sizes.
        samples: The collection.
        split: Its folds.
        fold: Which.
        extra: Rows of other data sets.
        out: The run's folder.
        model: Whether the model of the fold is written too.
    """

    task: Task
    samples: Samples
    split: Split
    fold: int
    extra: Samples | None
    out: Path
    model: bool

    def run(self) -> FoldResult:
        """Does it, with the threads that it has."""
        task = self.task.below(f"fold_{self.fold}")
        hear = None if task.joining is None else self._note_epoch
        with threads_of(task):
            result, trained = run_fold(task, self.samples, self.split, self.fold, self.extra, hear, evidence=self.model)
        write_fold(result, trained, self.out, model=self.model)
        if self.task.tuning is not None or self.task.joining is not None:
            with threads_of(task):
                write_embeddings(trained, self.samples, self.split, self.fold, self.out / f"fold_{self.fold}")
        return result

    def _note_epoch(self, fold: int, row: Mapping[str, float]) -> None:
        """A line in the log for each epoch, of networks whose epochs take long."""
        chosen = f", accuracy of validation rows {row['accuracy']:.4f}" if "accuracy" in row else ""
        note(self.out, f"fold {fold}: epoch {row['epoch']:.0f}, training loss {row['train_loss']:.4f}{chosen}")


def run_jobs(jobs: Sequence[FoldJob], workers: int) -> Iterator[tuple[FoldJob, FoldResult | HeterophonyError]]:
    """Runs all, as many at a time as there are workers, and gives each as soon as it is done, or why it cannot be.

    Args:
        jobs: What to do.
        workers: Processes; 1 or less does it in this one, in order, as is done where encoders are trained jointly.

    Raises:
        ModelError: A process was killed (out of memory, for one); finished folds are on the disk.
    """
    if workers <= 1 or len(jobs) <= 1 or any(job.task.recipe.joint is not None for job in jobs):
        for job in jobs:
            yield job, _outcome(job.run)
        return
    shared = Shared.of(jobs)
    with ProcessPoolExecutor(
        min(workers, len(jobs)), mp_context=get_context("spawn"), initializer=_remember, initargs=(shared.parts,)
    ) as pool:
        running = {pool.submit(_run_with_shared, shared.light(job)): job for job in jobs}
        try:
            for done in as_completed(list(running)):
                yield running.pop(done), _outcome(done.result)
        except BrokenProcessPool as error:
            raise ModelError(
                "a process that trained a fold was killed, perhaps for lack of memory; finished folds are kept: "
                "run again with --jobs 1"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """The large things that jobs have in common, sent to each process once.

    Attributes:
        parts: Every different collection, split and table of rows beside it.
        number: Identity of a part to its place.
    """

    parts: Sequence[Part]
    number: Mapping[int, int]

    @classmethod
    def of(cls, jobs: Sequence[FoldJob]) -> "Shared":
        """What these jobs have in common."""
        found: dict[int, Part] = {}
        for job in jobs:
            found |= {id(part): part for part in (job.samples, job.split, job.extra)}
        return cls(list(found.values()), {key: number for number, key in enumerate(found)})

    def light(self, job: FoldJob) -> "LightJob":
        """The job with numbers in place of its parts."""
        samples, split, extra = (self.number[id(part)] for part in (job.samples, job.split, job.extra))
        return LightJob(job.task, samples, split, extra, job.fold, job.out, job.model)


@dataclass(frozen=True, slots=True)
class LightJob:
    """A `FoldJob` whose collection, split and further rows are numbers of shared parts."""

    task: Task
    samples: int
    split: int
    extra: int
    fold: int
    out: Path
    model: bool


_PARTS: list[Part] = []
"""In a process of the pool: what all jobs share."""


def _remember(parts: Sequence[Part]) -> None:
    _PARTS[:] = parts
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Ends this process when that of the run has ended, killed too: nobody else is to write into its folder then."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_with_shared(light: LightJob) -> FoldResult:
    """Runs a job in a process of the pool."""
    samples, split, extra = _PARTS[light.samples], _PARTS[light.split], _PARTS[light.extra]
    if not isinstance(samples, Samples) or not isinstance(split, Split) or isinstance(extra, Split):
        raise TypeError("the parts of a job are not what its numbers say")
    job = FoldJob(
        task=light.task,
        samples=samples,
        split=split,
        fold=light.fold,
        extra=extra,
        out=light.out,
        model=light.model,
    )
    return job.run()


def _outcome(work: Callable[[], FoldResult]) -> FoldResult | HeterophonyError:
    try:
        return work()
    except HeterophonyError as error:
        return error


def threads_of(task: Task) -> AbstractContextManager[None]:
    """The threads of a task: one, or those of the task where its recipe trains encoders jointly."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return threads(1 if task.recipe.joint is None else task.threads or cores)


def one_thread() -> AbstractContextManager[None]:
    """Linear algebra with one thread within the block: sums are then added in the same order everywhere."""
    return threads(1)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Linear algebra with so many threads within the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpool_limits(count):
            yield
    finally:
        torch.set_num_threads(before)
