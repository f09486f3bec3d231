"""More training clips for the classes that have few: draws from a second collection (BSD35k-CS), anew in each fold.

Rule: audio_text.md 4.9. The goal is the largest or the median class of the training clips; each class short of it gets
as many draws from the pool's clips of that class as it lacks. The same seed is used for every class and every fold, so
that folds share draws; the numbers are those that pandas' `sample(n, replace=…, random_state=seed)` gives on the rows
of one class, which is what the published code called; sizes and numbers of distinct draws are the published ones.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Int

from heterophony.errors import ConfigError

GOALS: dict[str, Callable[[Int[np.ndarray, " classes"]], int]] = {
    "median": lambda counts: int(np.median(counts)),
    "max": lambda counts: int(counts.max()),
}


def equalise(
    target: Int[np.ndarray, " train"],
    pool_target: Int[np.ndarray, " pool"],
    goal: str = "median",
    factor: float = 1.0,
    *,
    oversample: bool = True,
    seed: int = 42,
) -> Int[np.ndarray, " drawn"]:
    """Draw rows of a pool until the classes of the training clips are equal, as far as the pool reaches.

    Only classes that the training clips have are filled; a class that the pool has not stays as it is. A row is drawn
    twice only where the pool has fewer clips of the class than are wanted.

    Args:
        target: Classes of the training clips, `[train]`.
        pool_target: Classes of the pool's clips, `[pool]`.
        goal: A name in `GOALS`. "max": the largest class; "median": the median over the classes that are there, rounded
            down.
        factor: The goal is multiplied by it and rounded down; above 0.
        oversample: Whether rows may be drawn twice; if not, a small class gets all that the pool has of it, once.
        seed: Of the draws of every class, 0 to 2**32 - 1.

    Returns:
        Rows of the pool, `[drawn]`: class by class in the order of their numbers, each as drawn.

    Raises:
        ConfigError: The goal is unknown, or the factor is not above 0.
    """
    if goal not in GOALS:
        raise ConfigError(f"no goal of the equalisation is called {goal!r}; there are {', '.join(GOALS)}")
    if not 0 < factor < float("inf"):
        raise ConfigError(f"factor {factor} of the equalisation; wanted a number above 0")
    classes, counts = np.unique(target, return_counts=True)
    if not len(classes):
        return np.empty(0, np.int64)
    wanted = int(GOALS[goal](counts) * factor)
    drawn = [np.empty(0, np.int64)]
    for label, count in zip(classes, counts, strict=True):
        rows = np.flatnonzero(pool_target == label)
        short = wanted - int(count)
        if short > 0 and len(rows):
            again = short > len(rows)
            size = short if oversample else min(short, len(rows))
            draw = np.random.RandomState(seed)  # the generator of the published draws
            drawn.append(rows[draw.choice(len(rows), size=size, replace=again and oversample)])
    return np.concatenate(drawn)
