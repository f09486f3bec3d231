"""Scores of all subsets, block by block: a block has the subsets that share their lowest member.

Pairs of lowest members are handed to threads one by one and write to places of their own, so the bytes do not depend
on how many threads there are or who is first.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np
from jaxtyping import Float64, Int32

from heterophony.ensemble.disputed import LANES, fold_rows
from heterophony.ensemble.member_values import MemberValues
from heterophony.ensemble.subsets import Subsets
from heterophony.errors import ConfigError, InputError
from heterophony.extras import import_extra
from heterophony.metrics.hierarchical import NeverPredicted
from heterophony.taxonomy import Taxonomy

Report = Callable[[int, int], None]
"""Is called with (subsets done, all)."""


class SubsetBlocks:
    """The subsets of a pool on the folds of `data`, ready to be scored.

    Args:
        data: What the members say.
        subsets: Which subsets; their pool is that of `data`.
        scores: Names in `DRAWABLE`, the columns of a block.
        never_predicted: What a class that is never predicted counts for.
        threads: At least 1; None for all cores that this process may use.

    Raises:
        ConfigError: If an option is impossible.
        MissingExtraError: If numba is not installed; the message has the command.
    """

    def __init__(
        self,
        data: MemberValues,
        subsets: Subsets,
        scores: Sequence[str],
        never_predicted: NeverPredicted = "zero",
        threads: int | None = None,
    ) -> None:
        kernel = import_extra("heterophony.ensemble.subset_kernel", "search")
        wrong = [name for name in scores if name not in kernel.SCORES]
        if wrong or subsets.pool != len(data) or never_predicted not in ("zero", "skip"):
            raise ConfigError(
                f"search: scores {wrong}, {subsets.pool} of {len(data)} members, never_predicted={never_predicted!r}; "
                f"wanted scores of {', '.join(kernel.SCORES)}, the pool as it is, and 'zero' or 'skip'"
            )
        self.subsets = subsets
        self.threads = len(os.sched_getaffinity(0)) if threads is None else threads
        if self.threads < 1:
            raise ConfigError(f"search: threads={threads}; wanted at least 1")
        self._walk = kernel.walk
        self._wanted = np.array([kernel.SCORES.index(name) for name in scores], dtype=np.int64)
        self._skip = never_predicted == "skip"
        self._same = _same_top(data.taxonomy)
        self._folds = list(fold_rows(data).values())

    @property
    def firsts(self) -> range:
        """The lowest members, one block each."""
        return range(self.subsets.pool - self.subsets.smallest + 1)

    def score(self, first: int, report: Report | None = None) -> Float64[np.ndarray, "subsets scores folds"]:
        """The block of one lowest member: its subsets in the order of their numbers (`Subsets.starting_with`).

        Raises:
            InputError: If under "skip" no class is left to average over.
        """
        whole = self.subsets.starting_with(first)
        begins = dict(zip(whole, np.cumsum([0, *(_length(part) for part in whole.values())]).tolist(), strict=False))
        block = np.empty((sum(_length(part) for part in whole.values()), len(self._wanted), len(self._folds)))
        done = 0
        with ThreadPoolExecutor(self.threads) as pool:
            tasks = []
            for second in range(first + 1, self.subsets.pool):
                parts = self.subsets.starting_with(first, second)
                places = {size: begins[size] + part.start - whole[size].start for size, part in parts.items()}
                tasks.append(pool.submit(self._pair, first, second, places, block))
            try:
                for task in as_completed(tasks):
                    done += task.result()
                    if report is not None:
                        report(done, len(block))
            finally:
                pool.shutdown(cancel_futures=True)  # an interrupt does not wait for what has not begun
        if np.isnan(block).any():
            raise InputError("metrics: no class is left to average over; use never_predicted='zero'")
        return block

    def _pair(self, first: int, second: int, places: dict[int, int], block: Float64[np.ndarray, "..."]) -> int:
        """Scores the subsets of two lowest members into the block; how many they are."""
        position = np.full(self.subsets.largest + 1, -1, dtype=np.int64)
        for size, place in places.items():
            position[size] = place
        for number, rows in enumerate(self._folds):
            layout = (rows.values, rows.cells, rows.counts, rows.base, rows.truth)
            self._walk(layout, self._same, (first, second), position, self._skip, self._wanted, block, number)
        return sum(_length(part) for part in self.subsets.starting_with(first, second).values())


def _length(part: slice) -> int:
    return int(part.stop - part.start)


def _same_top(taxonomy: Taxonomy) -> Int32[np.ndarray, "classes width"]:
    """All bits where two classes have one top, else none; padded like the confusion matrices of `FoldRows`."""
    top = np.array(taxonomy.top_of)
    width = -(-len(top) // LANES) * LANES
    same = np.zeros((len(top), width), dtype=np.int32)
    same[:, : len(top)] = np.where(top[:, np.newaxis] == top, -1, 0)
    return same
