"""Vectors of one encoder brought into the space of another that learned the same, from rows that both have seen."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

ROWS = 8192
"""Rows that are taken in double precision at a time."""
TIE = 1e-9
"""How much, of all that two encoders share, leaving a direction as it is counts."""

Rows = Float32[np.ndarray, "rows dim"]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """A turn or mirroring about a mean: distances between rows stay what they were.

    Attributes:
        mean: Of the rows that are moved, `[dim]`.
        turn: Orthogonal, `[dim, dim]`.
        onto: The mean that theirs becomes, `[dim]`.
    """

    mean: Float64[np.ndarray, " dim"]
    turn: Float64[np.ndarray, "dim dim"]
    onto: Float64[np.ndarray, " dim"]

    def __call__(self, x: Rows) -> Rows:
        """The rows in the other space; NaN stays NaN."""
        moved = [(x[at : at + ROWS] - self.mean) @ self.turn + self.onto for at in range(0, len(x), ROWS)]
        return np.concatenate(moved).astype(np.float32) if moved else x


def align(x: Rows, onto: Rows) -> Alignment:
    """The orthogonal map, and the means, that bring `x` nearest to `onto`, row by row, in the sum of squares.

    Schönemann, A generalized solution of the orthogonal Procrustes problem, Psychometrika 31 (1966): with the singular
    values `U S V^T` of `x^T onto`, both without their means, the map is `U V^T`. Where the rows do not say (fewer of
    them than numbers, directions that one of the two does not use) any completion is as good to them; here that is as
    near as can be to leaving the rows as they are, which suits encoders that began with the same weights: `x^T onto`
    has 1e-9 of its norm times the identity added.

    Args:
        x: `[rows, dim]`, at least one row, all finite.
        onto: The same rows as the other encoder has them.
    """
    mean, target = x.mean(axis=0, dtype=np.float64), onto.mean(axis=0, dtype=np.float64)
    shared = np.zeros((x.shape[1], x.shape[1]))
    for at in range(0, len(x), ROWS):
        shared += (x[at : at + ROWS] - mean).T @ (onto[at : at + ROWS] - target)
    left, _, right = np.linalg.svd(shared + (TIE * np.linalg.norm(shared) or 1.0) * np.eye(len(shared)))
    return Alignment(mean, left @ right, target)


def spread(x: Rows) -> float:
    """The root of the sum of squares about the mean."""
    return float(np.sqrt(np.square(x - x.mean(axis=0), dtype=np.float64).sum()))


def unexplained(x: Rows, onto: Rows) -> float:
    """The sum of squares between two tables, as a share of that of `onto` about its mean: 0 where they are equal."""
    whole = spread(onto) ** 2
    apart = float(np.square(x - onto, dtype=np.float64).sum())
    return apart / whole if whole else float(apart > 0)
