r"""Which classes can win a sum at all: most rows and most classes need not be looked at by a search over subsets.

Let $v_m[c]$ be what member m adds to class c of one row; a subset S says the class with the largest
$\sum_{m \in S} v_m[c]$, the lowest index among equals. A class d *covers* c if $v_m[d] \ge v_m[c]$ for every m of the
pool. Then c can be left out of the row if

* some d < c covers it (c could at best draw level, and the lower index wins), or
* each member m puts one of the classes that cover c strictly above it: whatever the subset, one of these is above.

A row with one class left is decided before the search. Of votes, only classes that some member says are left.

Sums are taken in float32, member after member. Rounding is monotone, so covering survives it; "strictly" asks for a
margin of 1e-5 of the row's largest absolute value, more than the rounding of a sum of 7 (2 * 6 * 7 * 2**-24 = 5e-6).
"""

import numpy as np
from jaxtyping import Bool, Float32

_MARGIN = np.float32(1e-5)


def can_win(values: Float32[np.ndarray, "members rows classes"]) -> Bool[np.ndarray, "rows classes"]:
    """True where a class may win the sum of some subset of at most 7 members; at least one class per row.

    Args:
        values: Finite; what is summed.
    """
    margin = _MARGIN * np.abs(values).max(axis=(0, 2), initial=0)[:, np.newaxis]
    leader = values[0].argmax(axis=1)
    lead = np.take_along_axis(values, leader[np.newaxis, :, np.newaxis], axis=2)
    behind = (values + margin < lead).sum(axis=2)
    left = np.asarray(np.arange(values.shape[2]) == leader[:, np.newaxis])
    disputed = np.flatnonzero((behind < values.shape[2] - 1).any(axis=0))  # the others have one leader in all members
    left[disputed] = _contenders(values[:, disputed], margin[disputed])
    return left


def _contenders(
    values: Float32[np.ndarray, "members rows classes"], margin: Float32[np.ndarray, "rows 1"]
) -> Bool[np.ndarray, "rows classes"]:
    """The rule of above, class by class."""
    left = np.ones(values.shape[1:], dtype=np.bool_)
    for c in range(values.shape[2]):
        own = values[:, :, c : c + 1]
        covers = np.asarray((values >= own).all(axis=0))
        covers[:, c] = False
        above = ((values > own + margin) & covers).any(axis=2).all(axis=0)
        left[:, c] = ~(covers[:, :c].any(axis=1) | above)
    return left
