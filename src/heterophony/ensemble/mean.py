r"""The plain mean of some models: no choice and no weights, so nothing that could fit the samples it is scored on.

With the logits $z_m$ of M models and $p_m = \mathrm{softmax}(z_m)$, the logits of the ensemble are

* logits: $\frac{1}{M} \sum_m z_m$, as in the audio-text report;
* probabilities: $\log \frac{1}{M} \sum_m p_m$, whose softmax is the mean of the probabilities;
* log-probabilities: $\frac{1}{M} \sum_m \log p_m$. Its softmax is that of the mean of the logits (the two differ by one
  constant per row), whatever constants the members add to their logits.

A model with larger logits weighs more in all three: one trained with label smoothing has smaller ones. Calibrate the
members first (`fit_temperature` on validation predictions) where they were trained differently.
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from heterophony.errors import ConfigError, InputError
from heterophony.predictions import Predictions, align, log_softmax

Mean = Literal["logits", "probabilities", "log-probabilities"]

MEANS: tuple[str, ...] = get_args(Mean)
"""What can be averaged."""


def mean_of(members: Sequence[Predictions], *, of: Mean) -> Predictions:
    """One table: the mean of the members, in the order of the ids of the first.

    Args:
        members: At least one; the same ids in any order, the same classes and folds. A target that only some know
            is kept.
        of: What is averaged, one of `MEANS`.

    Raises:
        InputError: If there is no member.
        AlignmentError: If members differ in ids, classes, folds or known targets; the message names them.
        ConfigError: If `of` has another value.
    """
    if not members:
        raise InputError("mean_of: no members; give the predictions of one model or more")
    first = members[0]
    aligned = [first, *(align(first, other, same_folds=True) for other in members[1:])]
    target = np.max([member.target for member in aligned], axis=0)
    if of == "logits":
        logits = np.asarray(np.mean([member.logits for member in aligned], axis=0, dtype=np.float64))
    elif of == "probabilities":
        # log of a mean of probabilities that may underflow: logits must stay finite.
        logits = np.logaddexp.reduce([log_softmax(member.logits) for member in aligned]) - np.log(len(aligned))
    elif of == "log-probabilities":
        logits = np.mean([log_softmax(member.logits) for member in aligned], axis=0)
    else:
        raise ConfigError(f"mean_of: of={of!r}; wanted one of {', '.join(MEANS)}")
    return Predictions(first.ids, logits.astype(np.float32), target, first.fold, first.classes)
