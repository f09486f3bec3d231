"""Scores of every subset of a pool on every fold: accuracy and hierarchical F1, exact, nothing left out.

The audio-text report scores all subsets of 2 to 5 of its runs by accuracy and only the 50 best by hierarchical F1
(`two_phase.py`). With all scores at hand one can also see what such a choice is worth on a fold it has not seen
(`nested_choice.py`): choosing subsets on the folds they are scored on picks noise.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64

from heterophony.ensemble.member_values import MemberValues
from heterophony.ensemble.search_folder import SearchFolder
from heterophony.ensemble.subset_blocks import Report, SubsetBlocks
from heterophony.ensemble.subsets import Subsets
from heterophony.metrics.hierarchical import NeverPredicted

_SCORES = ("accuracy", "hierarchical_f1")
_FORMAT = "1"


@dataclass(frozen=True, eq=False)
class SubsetScores:
    """Scores of all subsets in the order of their numbers, fractions in 0..1.

    Attributes:
        subsets: Gives the members of a number.
        folds: Numbers of the folds, the columns.
        accuracy: Share of right answers.
        hierarchical_f1: Mean hF of the classes.
    """

    subsets: Subsets
    folds: tuple[int, ...]
    accuracy: Float32[np.ndarray, "subsets folds"]
    hierarchical_f1: Float32[np.ndarray, "subsets folds"]


def search(
    data: MemberValues,
    *,
    sizes: tuple[int, int] = (2, 5),
    never_predicted: NeverPredicted = "zero",
    threads: int | None = None,
    folder: Path | None = None,
    report: Report | None = None,
) -> SubsetScores:
    """Scores all subsets.

    Args:
        data: What the members say.
        sizes: Members of the smallest and of the largest subset, 2..7.
        never_predicted: What a class that is never predicted counts for.
        threads: At least 1; None for all cores. The result does not depend on it.
        folder: Where blocks are kept; what is there of the same search is not computed again.
        report: Called with (subsets done, all).

    Raises:
        ConfigError: If an option is impossible.
        InputError: If the folder holds another search or a damaged block, or no class is left under "skip".
        MissingExtraError: If numba is not installed.
    """
    subsets = Subsets(len(data), *sizes)
    blocks = SubsetBlocks(data, subsets, _SCORES, never_predicted, threads)
    kept = None if folder is None else SearchFolder(folder, _fingerprint(data, subsets, never_predicted))
    found = np.empty((len(subsets), len(_SCORES), len(data.folds)), dtype=np.float32)
    done = 0
    for first in blocks.firsts:
        parts = subsets.starting_with(first).values()
        shape = (sum(part.stop - part.start for part in parts), *found.shape[1:])
        block = None if kept is None else kept.load(first, shape)
        if block is None:
            told = None if report is None else _shifted(report, done, len(subsets))
            block = blocks.score(first, told).astype(np.float32)
            if kept is not None:
                kept.save(first, block)
        done += len(block)
        for part in parts:
            size = part.stop - part.start
            found[part], block = block[:size], block[size:]
        if report is not None:
            report(done, len(subsets))
    return SubsetScores(subsets, data.folds, found[:, 0].copy(), found[:, 1].copy())


def best(scores: Float32[np.ndarray, "subsets folds"], count: int = 1) -> Int64[np.ndarray, " best"]:
    """Numbers of the subsets with the highest mean over the folds, the best first; the lowest number among equals."""
    means = scores.mean(axis=1, dtype=np.float64)
    return np.argsort(-means, kind="stable")[:count].astype(np.int64)


def _shifted(report: Report, before: int, total: int) -> Report:
    """Reports of a block as those of the whole."""
    return lambda done, _: report(before + done, total)


def _fingerprint(data: MemberValues, subsets: Subsets, never_predicted: str) -> str:
    """SHA-256 of all that decides the scores."""
    tree = data.taxonomy
    told = repr((_FORMAT, data.values.shape, subsets, never_predicted, _SCORES, tree.classes, tree.top_of))
    digest = hashlib.sha256(told.encode())
    for array in (data.values, data.target.astype(np.int64), data.fold.astype(np.int64)):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
