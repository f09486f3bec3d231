"""The vectors of a stream's windows as they lie in time, and what a step sees of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int

from heterophony.encoders.pooling import Pooling

MINUTE_S = 60
"""Streams are read, encoded and answered in pieces of so many seconds; a killed run loses a few of them."""
# Streams and steps count time in different units: what is outside by less than this is inside.
ROUNDING_S = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows of one encoder, in the order of their ends.

    Attributes:
        starts: When each begins, in seconds.
        ends: When each ends.
        vectors: What the encoder says of each.
        steps: How loud each is, see `encoders.pooling.loudness`; all equal for pictures.
    """

    starts: Float64[np.ndarray, " windows"]
    ends: Float64[np.ndarray, " windows"]
    vectors: Float32[np.ndarray, "windows dim"]
    steps: Int[np.ndarray, " windows"]

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, rows: Int[np.ndarray, " rows"]) -> "Windows":
        """The windows at `rows`."""
        return Windows(self.starts[rows], self.ends[rows], self.vectors[rows], self.steps[rows])

    def pooled(self, middle: float, context: float, kind: str) -> Float32[np.ndarray, " pooled"] | None:
        """The vector of a step.

        Of the windows that lie in the `context` seconds around the middle of the step, pooled as those of a clip are in
        training; if none lies in them, of the one whose centre is nearest (of equals the first) among those that the
        middle is in. None if there is none.

        Args:
            middle: Of the step, in seconds.
            context: In seconds, >= 0.
            kind: In `POOLINGS`.
        """
        half = context / 2 + ROUNDING_S
        inside = np.flatnonzero((self.starts >= middle - half) & (self.ends <= middle + half))
        if not len(inside):
            over = np.flatnonzero((self.starts <= middle + ROUNDING_S) & (self.ends >= middle - ROUNDING_S))
            distance = np.abs((self.starts + self.ends)[over] / 2 - middle)
            inside = over[distance <= distance.min(initial=np.inf) + 1e-9][:1]
        if not len(inside):
            return None
        pooling = Pooling(kind)
        pooling.add(self.vectors[inside], self.steps[inside])
        return pooling.pooled()


def joined(first: Windows, second: Windows) -> Windows:
    """One after the other."""
    return Windows(
        np.concatenate([first.starts, second.starts]),
        np.concatenate([first.ends, second.ends]),
        np.concatenate([first.vectors, second.vectors]),
        np.concatenate([first.steps, second.steps]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Minute:
    """What a stream gives in one piece.

    Attributes:
        number: Of the piece, since the beginning of the stream.
        windows: Key of encoder to the windows that begin in it.
        ends: When the stream ends, in seconds on the clock of the track; None where that is not seen from here.
    """

    number: int
    windows: Mapping[str, Windows]
    ends: float | None
