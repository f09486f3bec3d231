r"""What an ensemble adds up: a table of values for each member, of which a weighted sum decides the class.

With the logits $z$ of a member, $p = \mathrm{softmax}(z)$, its class $t = \arg\max_c p_c$ (the first of equals) and the
score $s = p_t$ of that class:

* logits: $z$; probabilities: $p$; log-probabilities: $\log p$;
* hard: a vote for t. Equal votes are decided by the sum of the scores of those who voted so, then by the lower index;
* score: s for t, nothing for the others;
* log-odds: $\log s - \log((1 - s)/(C - 1))$ for t, nothing for the others, with s clipped to 0.99995.

The last three need no more than a class and its score: they are for tables of another tool that say nothing else.
"""

from typing import Literal, get_args

import numpy as np
from jaxtyping import Float32, Float64, Int

from heterophony.ensemble.vote_values import UNITS, VOTES, strength
from heterophony.errors import ConfigError
from heterophony.predictions import Predictions, log_softmax, softmax

Mean = Literal["logits", "probabilities", "log-probabilities"]
Summed = Literal["logits", "probabilities", "log-probabilities", "hard", "score", "log-odds"]

MEANS: tuple[str, ...] = get_args(Mean)
"""What needs a whole distribution."""
SUMMED = MEANS + VOTES

_DIGITS = 10  # equal votes must not be decided by the order in which they were added


def values_of(member: Predictions, of: Summed) -> Float64[np.ndarray, "rows classes"]:
    """What a member brings to the sum; raises `ConfigError` if `of` is no name in `SUMMED`."""
    if of == "logits":
        return member.logits.astype(np.float64)
    if of == "probabilities":
        return softmax(member.logits)
    if of == "log-probabilities":
        return log_softmax(member.logits)
    if of != "hard" and of != "score" and of != "log-odds":
        raise ConfigError(f"of={of!r}: nothing that can be added up; wanted one of {', '.join(SUMMED)}")
    top, rows = member.logits.argmax(axis=1), np.arange(len(member))
    values = np.zeros(member.logits.shape)
    values[rows, top] = strength(softmax(member.logits)[rows, top], member.logits.shape[1], of) / UNITS[of]
    return values


def winners(sums: Float64[np.ndarray, "*some rows classes"], of: Summed) -> Int[np.ndarray, "*some rows"]:
    """The class with the largest sum, the lowest index among equals."""
    return np.asarray((np.round(sums, _DIGITS) if of in VOTES else sums).argmax(axis=-1))


def logits_of(average: Float64[np.ndarray, "rows classes"], of: Summed) -> Float32[np.ndarray, "rows classes"]:
    """Logits of an average of values (weights that sum to 1), with the same winners.

    What votes or scores leave of 1 is spread evenly over the classes; averages of log-odds stay as they are.
    """
    if of in ("hard", "score"):
        logits = np.log(average + (1 - average.sum(axis=1, keepdims=True)) / average.shape[1])
    elif of == "probabilities":
        logits = np.log(np.maximum(average, np.finfo(np.float64).tiny))
    else:
        logits = average
    first, rows, rounded = winners(average, of), np.arange(len(average)), logits.astype(np.float32)
    lost = rounded.argmax(axis=1) != first  # two sums that are one number in 32 bits
    up = np.nextafter(rounded.max(axis=1), np.float32(np.inf))
    rounded[rows[lost], first[lost]] = up[lost]
    return np.asarray(rounded, dtype=np.float32)
