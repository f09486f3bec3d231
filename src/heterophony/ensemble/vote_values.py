"""Votes as numbers to add up in float32, for runs of which only the top class and its score s are known.

* hard: one vote for the class; a tie goes to the higher sum of scores.
* score: s for the class.
* log-odds: log s - log((1 - s) / (C - 1)) for the class.

Nothing for the other classes; s is clipped to 0.99995, as files of four decimals say 1.0000 from there on. The sums of
up to 7 hard or score votes are exact, ties included: scores count in whole steps of 1e-5, and a hard vote is 2**20 of
them.
"""

from typing import Literal, get_args

import numpy as np
from jaxtyping import Float, Float32, Int

from heterophony.errors import ConfigError, InputError

Vote = Literal["hard", "score", "log-odds"]

VOTES: tuple[str, ...] = get_args(Vote)
"""The kinds of votes."""

_STEPS = 100_000
_HARD = 2**20
_MOST = 0.99995


def vote_values(
    top: Int[np.ndarray, "members rows"], score: Float[np.ndarray, "members rows"], n_classes: int, *, vote: Vote
) -> Float32[np.ndarray, "members rows classes"]:
    """What each member adds to each class.

    Args:
        top: The class that a member says.
        score: How sure it is of it, 1 / C..1.
        n_classes: C, at least 2.
        vote: One of `VOTES`.

    Raises:
        InputError: If a class is none of 0..C - 1, or a score no such number.
        ConfigError: If `vote` has another value.
    """
    if vote not in VOTES:
        raise ConfigError(f"vote={vote!r}; wanted one of {', '.join(VOTES)}")
    if n_classes < 2 or (top < 0).any() or (top >= n_classes).any():
        raise InputError(f"votes: classes {top.min()}..{top.max()}; wanted 0..{n_classes - 1}, of at least 2 classes")
    if not ((score > 0) & (score <= 1)).all():
        raise InputError("votes: a score outside (0, 1]; give the probability of the top class")
    sure = np.minimum(score.astype(np.float64), _MOST)
    if vote == "log-odds":
        own = np.log(sure) - np.log((1 - sure) / (n_classes - 1))
    else:
        own = np.round(sure * _STEPS) + _HARD * (vote == "hard")
    values = np.zeros((*top.shape, n_classes), dtype=np.float32)
    np.put_along_axis(values, top[:, :, np.newaxis].astype(np.int64), own[:, :, np.newaxis].astype(np.float32), axis=2)
    return values
