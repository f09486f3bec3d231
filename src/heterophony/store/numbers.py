"""From the numbers of an encoder to those on the disk."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from heterophony.errors import StoreError

_NAMED = 5  # so many keys stand in a message


def rounded(vectors: Float[np.ndarray, "n dim"], stored_as: str) -> Float[np.ndarray, "n dim"]:
    """Vectors as a shelf keeps them, "float32" or "float16"; what is too large becomes infinite."""
    with np.errstate(over="ignore"):
        return vectors.astype(stored_as, copy=False)


def as_stored(
    folder: Path, keys: Sequence[str], blocks: Iterable[Float[np.ndarray, "rows dim"]], stored_as: str
) -> Iterator[Float[np.ndarray, "rows dim"]]:
    """The blocks, rounded to what the shelf in `folder` keeps.

    Raises:
        StoreError: A number is not finite, or too large for `stored_as`; the keys are named.
    """
    start = 0
    for block in blocks:
        stored = rounded(block, stored_as)
        bad = [keys[start + at] for at in np.flatnonzero(~np.isfinite(stored).all(axis=1)).tolist()]
        if bad and np.isfinite(block).all():
            raise StoreError(
                f"{folder}: embeddings of {some_of(bad)} have numbers beyond ±{np.finfo(stored_as).max:.0f}, "
                f"which {stored_as} cannot hold; store this encoder as float32"
            )
        if bad:
            raise StoreError(f"{folder}: embeddings of {some_of(bad)} are not finite; not stored")
        start += len(block)
        yield stored


def some_of(names: Sequence[str], between: str = ", ") -> str:
    """The first five, and whether there are more.

    >>> some_of(["a", "b", "c", "d", "e", "f"])
    'a, b, c, d, e …'
    """
    return between.join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
