"""Folds side by side: each in a process of its own with one thread, so that their number changes no byte."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

from heterophony.clips import Split
from heterophony.errors import HeterophonyError, ModelError
from heterophony.recipes.cross_validate import FoldResult, run_fold
from heterophony.recipes.fold import Task
from heterophony.recipes.run_folder import write_fold
from heterophony.recipes.samples import Samples
from heterophony.recipes.tuned_folder import write_embeddings


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
        """Does it, with one thread."""
        with one_thread():
            result, trained = run_fold(self.task, self.samples, self.split, self.fold, self.extra)
        write_fold(result, trained, self.out, model=self.model)
        if self.task.tuning is not None:
            with one_thread():
                write_embeddings(trained, self.samples, self.split, self.fold, self.out / f"fold_{self.fold}")
        return result


def run_jobs(jobs: Sequence[FoldJob], workers: int) -> Iterator[tuple[FoldJob, FoldResult | HeterophonyError]]:
    """Runs all, as many at a time as there are workers, and gives each as soon as it is done, or why it cannot be.

    Args:
        jobs: What to do.
        workers: Processes; 1 or less does it in this one, in order.

    Raises:
        ModelError: A process was killed (out of memory, for one); finished folds are on the disk.
    """
    if workers <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield job, _outcome(job.run)
        return
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=get_context("spawn")) as pool:
        running = {pool.submit(FoldJob.run, job): job for job in jobs}
        try:
            for done in as_completed(running):
                yield running[done], _outcome(done.result)
        except BrokenProcessPool as error:
            raise ModelError(
                "a process that trained a fold was killed, perhaps for lack of memory; finished folds are kept: "
                "run again with --jobs 1"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _outcome(work: Callable[[], FoldResult]) -> FoldResult | HeterophonyError:
    try:
        return work()
    except HeterophonyError as error:
        return error


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra with one thread within the block: sums are then added in the same order everywhere."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)
