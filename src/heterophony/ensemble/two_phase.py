"""The search of the audio-text report: all small subsets by a cheap score, the best of them by hierarchical F1.

Source: audio-text report, section on ensembles, and its code. All subsets of 2 to 5 members are sorted (stably) by
their mean accuracy over the folds; the 50 best are sorted by their mean hierarchical F1; to the best of these one
member is added at a time, the one with the highest mean F1, as long as that rises strictly, up to 7 members. The report
sums logits and computes everything on the test folds: what it finds is an in-sample number.

Here any score that confusion matrices decide may come first.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from heterophony.ensemble.member_values import MemberValues
from heterophony.ensemble.subset_blocks import Report, SubsetBlocks
from heterophony.ensemble.subsets import Subsets
from heterophony.errors import ConfigError
from heterophony.metrics.hierarchical import NeverPredicted


@dataclass(frozen=True, eq=False)
class Scored:
    """One subset.

    Attributes:
        members: Ascending.
        hierarchical_f1: On each fold, 0..1.
        first: Its mean over the folds in the first phase; None for subsets that were grown.
    """

    members: tuple[int, ...]
    hierarchical_f1: Float64[np.ndarray, " folds"]
    first: float | None = None

    @property
    def mean(self) -> float:
        """Mean hierarchical F1 over the folds."""
        return float(self.hierarchical_f1.mean())


@dataclass(frozen=True, eq=False)
class TwoPhase:
    """What the search found.

    Attributes:
        kept: The best of the first phase, by hierarchical F1, the best first.
        grown: From the best of these each with one member more; empty if none rose.
    """

    kept: tuple[Scored, ...]
    grown: tuple[Scored, ...]

    @property
    def best(self) -> Scored:
        """The end of the search."""
        return (self.grown or self.kept)[-1 if self.grown else 0]


def two_phase(
    data: MemberValues,
    *,
    sizes: tuple[int, int] = (2, 5),
    first: str = "accuracy",
    keep: int = 50,
    most: int = 7,
    never_predicted: NeverPredicted = "zero",
    threads: int | None = None,
    report: Report | None = None,
) -> TwoPhase:
    """Searches as the report does.

    Args:
        data: What the members say.
        sizes: Of the subsets of the first phase, 2..7.
        first: The score of the first phase, a name in `DRAWABLE`.
        keep: How many of the first phase are scored by hierarchical F1.
        most: Members of the largest subset that is grown.
        never_predicted: What a class that is never predicted counts for.
        threads: At least 1; None for all cores. The result does not depend on it.
        report: Called with (subsets done, all) of the first phase.

    Raises:
        ConfigError: If an option is impossible.
        MissingExtraError: If numba is not installed.
    """
    if keep < 1:
        raise ConfigError(f"two_phase: keep={keep}; wanted at least 1")
    subsets = Subsets(len(data), *sizes)
    means, numbers = _first_phase(SubsetBlocks(data, subsets, (first,), never_predicted, threads), keep, report)
    chosen = [(subsets.members(number), mean) for number, mean in zip(numbers.tolist(), means.tolist(), strict=True)]
    scored = [Scored(one, data.score(one, never_predicted=never_predicted), mean) for one, mean in chosen]
    kept = sorted(scored, key=lambda one: -one.mean)
    return TwoPhase(tuple(kept), tuple(_grown(data, kept[0], most, never_predicted)))


def _first_phase(
    blocks: SubsetBlocks, keep: int, report: Report | None
) -> tuple[Float64[np.ndarray, " kept"], Int64[np.ndarray, " kept"]]:
    """Mean scores and numbers of the best subsets; the lowest number first among equals."""
    subsets = blocks.subsets
    means, numbers = np.empty(0), np.empty(0, dtype=np.int64)
    done = 0
    for first in blocks.firsts:
        block = blocks.score(first)[:, 0].mean(axis=1)
        parts = subsets.starting_with(first).values()
        of_block = np.concatenate([np.arange(part.start, part.stop) for part in parts])
        means, numbers = np.concatenate([means, block]), np.concatenate([numbers, of_block])
        order = np.lexsort((numbers, -means))[:keep]
        means, numbers = means[order], numbers[order]
        done += len(block)
        if report is not None:
            report(done, len(subsets))
    return means, numbers


def _grown(data: MemberValues, start: Scored, most: int, never_predicted: NeverPredicted) -> list[Scored]:
    """One member more at a time, while the mean rises strictly."""
    steps: list[Scored] = []
    now = start
    while len(now.members) < min(most, len(data)):
        others = [member for member in range(len(data)) if member not in now.members]
        larger = [tuple(sorted((*now.members, member))) for member in others]
        tried = [Scored(one, data.score(one, never_predicted=never_predicted)) for one in larger]
        top = max(tried, key=lambda one: one.mean)
        if top.mean <= now.mean:
            break
        steps.append(top)
        now = top
    return steps
