"""From the vectors of all windows of a clip to one vector, as they come."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float32

from heterophony.errors import ConfigError, MediaError

POOLINGS = ("mean", "mean+max", "mean+std")


def pool(parts: Iterable[Float32[np.ndarray, "_ dim"]], kind: str) -> Float32[np.ndarray, " pooled"]:
    """One vector from the vectors of all windows, without holding them.

    Sums are taken in float64 in the order of the windows, squares around the first window so that they do not cancel.

    Args:
        parts: Groups of window vectors.
        kind: "mean"; "mean+max", the mean then the maximum; "mean+std", the mean then the standard deviation (divided
            by the number of windows). Length dim, 2 dim or 2 dim.

    Raises:
        ConfigError: Unknown `kind`.
        MediaError: There is no window.

    >>> pool([np.array([[1, 4], [3, 0]], dtype=np.float32)], "mean+max").tolist()
    [2.0, 2.0, 3.0, 4.0]
    """
    if kind not in POOLINGS:
        raise ConfigError(f"pooling {kind!r} is unknown; there are {', '.join(POOLINGS)}")
    count = 0
    for part in parts:
        if not len(part):
            continue
        if not count:
            origin = part[0].astype(np.float64)
            total, squares, largest = np.zeros_like(origin), np.zeros_like(origin), part[0]
        centred = part - origin
        total += centred.sum(axis=0)
        squares += np.square(centred).sum(axis=0)
        largest = np.maximum(largest, part.max(axis=0))
        count += len(part)
    if not count:
        raise MediaError("no window to pool: the recording has no samples")
    shift = total / count
    deviation = np.sqrt(np.maximum(squares / count - np.square(shift), 0.0))
    extra = {"mean": [], "mean+max": [largest], "mean+std": [deviation]}[kind]
    return np.concatenate([origin + shift, *extra]).astype(np.float32)


def pooled_dim(dim: int, kind: str) -> int:
    """Length of what `pool` makes of window vectors of length `dim`; "" pools nothing.

    >>> [pooled_dim(1024, kind) for kind in ("", "mean", "mean+max")]
    [1024, 1024, 2048]
    """
    return dim * (kind.count("+") + 1)
