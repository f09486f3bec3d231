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
from jaxtyping import Float, Float32, Float64, Int

from heterophony.errors import ConfigError, InputError

Votes = Literal["hard", "score", "log-odds"]

VOTES: tuple[str, ...] = get_args(Votes)
"""The kinds of votes."""

MOST_SURE = 0.99995
"""Scores above say no more than "1.0000" in a file of four decimals."""

_STEPS = 100_000
_HARD = 2**20

UNITS: dict[str, float] = {"hard": _HARD + _STEPS, "score": _STEPS, "log-odds": 1}
"""A whole vote of each kind."""


def vote_values(
    top: Int[np.ndarray, "members rows"], score: Float[np.ndarray, "members rows"], n_classes: int, *, vote: Votes
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
    own = strength(score, n_classes, vote)
    values = np.zeros((*top.shape, n_classes), dtype=np.float32)
    np.put_along_axis(values, top[:, :, np.newaxis].astype(np.int64), own[:, :, np.newaxis].astype(np.float32), axis=2)
    return values


def strength(score: Float[np.ndarray, "*some"], n_classes: int, vote: Votes) -> Float64[np.ndarray, "*some"]:
    """What a vote adds to its class, in whole steps but for log-odds; divided by `UNITS` it is at most 1."""
    sure = np.minimum(score.astype(np.float64), MOST_SURE)
    if vote == "log-odds":
        return np.asarray(np.log(sure) - np.log((1 - sure) / (n_classes - 1)))
    return np.asarray(np.round(sure * _STEPS) + _HARD * (vote == "hard"))
