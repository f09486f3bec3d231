"""What a choice among subsets is worth on a fold that it has not seen.

For each fold in turn the choice is made by the scores on the other folds and told on this one. Beside it stands what
the chosen ones score where they were chosen: the difference is what was picked of noise.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64

from heterophony.ensemble.exhaustive import SubsetScores, best
from heterophony.errors import InputError

Choose = Callable[[SubsetScores], Int64[np.ndarray, " chosen"]]
"""From the scores on some folds to the numbers of the chosen subsets."""


@dataclass(frozen=True, eq=False)
class NestedChoice:
    """One entry per fold.

    Attributes:
        folds: Their numbers.
        in_sample: Mean hierarchical F1 of the chosen subsets on the folds they were chosen on.
        held_out: On the fold itself.
        chosen: The numbers of the chosen subsets.
    """

    folds: tuple[int, ...]
    in_sample: Float64[np.ndarray, " folds"]
    held_out: Float64[np.ndarray, " folds"]
    chosen: tuple[Int64[np.ndarray, " chosen"], ...]


def nested_choice(scores: SubsetScores, choose: Choose) -> NestedChoice:
    """Chooses on all folds but one and scores on that one, for each fold.

    Args:
        scores: Of at least two folds.
        choose: `by_f1(count)`, `by_two_phases(keep)` or one's own. The scores of several chosen subsets are averaged.

    Raises:
        InputError: If there is a single fold.
    """
    if len(scores.folds) < 2:
        raise InputError("nested choice: a single fold; choose on some folds and score on another")
    inside, outside, chosen = [], [], []
    for place in range(len(scores.folds)):
        others = np.arange(len(scores.folds)) != place
        numbers = choose(on_folds(scores, others))
        inside.append(_mean(scores.hierarchical_f1[numbers][:, others]))
        outside.append(_mean(scores.hierarchical_f1[numbers, place]))
        chosen.append(numbers)
    return NestedChoice(scores.folds, np.array(inside), np.array(outside), tuple(chosen))


def on_folds(scores: SubsetScores, held: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> SubsetScores:
    """The columns where `held` is true."""
    folds = tuple(np.array(scores.folds)[held].tolist())
    return SubsetScores(scores.subsets, folds, scores.accuracy[:, held], scores.hierarchical_f1[:, held])


def by_f1(count: int = 1) -> Choose:
    """The `count` subsets with the highest mean hierarchical F1."""
    return lambda scores: best(scores.hierarchical_f1, count)


def by_two_phases(keep: int = 50) -> Choose:
    """The highest mean hierarchical F1 among the `keep` with the highest mean accuracy, as the audio-text report."""

    def choose(scores: SubsetScores) -> Int64[np.ndarray, " one"]:
        first = best(scores.accuracy, keep)
        return np.asarray(first[best(scores.hierarchical_f1[first])])

    return choose


def _mean(values: Float[np.ndarray, "..."]) -> float:
    return float(values.mean(dtype=np.float64))
