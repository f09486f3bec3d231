"""Draws with replacement from the rows or groups of one fold, as stacks of confusion matrices."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from jaxtyping import Int64

CELLS_AT_ONCE = 2**22


def units_of(groups: Sequence[str | None]) -> Int64[np.ndarray, " rows"]:
    """What is drawn together, as numbers 0.. in order of appearance: a group; a row without one stands for itself."""
    keys = [(row, "") if group is None else (-1, group) for row, group in enumerate(groups)]
    number = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], dtype=np.int64)


def resampled_confusions(
    pairs: Int64[np.ndarray, "tables rows"],
    units: Int64[np.ndarray, " rows"],
    n_classes: int,
    draws: int,
    generator: np.random.Generator,
) -> Iterator[Int64[np.ndarray, "some tables n_classes n_classes"]]:
    """Confusion matrices of every table: of the rows as they are, then of each draw, the same for all tables.

    They come in stacks of bounded size.

    Args:
        pairs: (true, predicted) of each row as `true * n_classes + predicted`.
        units: For each row the number of the unit that it is drawn with, from `units_of`.
        n_classes: Rows and columns of a matrix.
        draws: How many; each takes as many units as there are.
        generator: Draws them.
    """
    weights = _weights(units, draws, generator)
    # A weighted count in place of the drawn rows themselves: a draw costs one pass over the fold.
    while block := list(islice(weights, max(1, CELLS_AT_ONCE // n_classes**2))):
        counts = np.array([[np.bincount(row, weight, n_classes**2) for row in pairs] for weight in block])
        yield counts.astype(np.int64).reshape(len(block), len(pairs), n_classes, n_classes)


def _weights(
    units: Int64[np.ndarray, " rows"], draws: int, generator: np.random.Generator
) -> Iterator[Int64[np.ndarray, " rows"]]:
    """How often each row is in: once, then as often as its unit is drawn."""
    yield np.ones(len(units), np.int64)
    size = int(units.max()) + 1
    for _ in range(draws):
        yield np.bincount(generator.integers(size, size=size), minlength=size)[units]
