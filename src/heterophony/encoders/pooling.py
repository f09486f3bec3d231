"""From the vectors of all windows of a clip to one vector, as they come."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, Float64, Int

from heterophony.errors import ConfigError, MediaError

POOLINGS = ("mean", "mean+max", "mean+std", "unit-mean")
STEP_DB = 5
QUIETEST = -24
HEARD = 8
"""Windows count that are fewer than so many steps of `STEP_DB` below the loudest one of the clip: 40 dB."""

Heard = tuple[Float32[np.ndarray, "_ dim"], Int[np.ndarray, " _"]]


def pool(parts: Iterable[Float32[np.ndarray, "_ dim"]], kind: str) -> Float32[np.ndarray, " pooled"]:
    """One vector from the vectors of all windows, without holding them.

    Sums are taken in float64 in the order of the windows, squares around the first window so that they do not cancel.

    Args:
        parts: Groups of window vectors.
        kind: "mean"; "mean+max", the mean then the maximum; "mean+std", the mean then the standard deviation (divided
            by the number of windows); "unit-mean", the mean divided by its length. Length dim, 2 dim, 2 dim or dim.

    Raises:
        ConfigError: Unknown `kind`.
        MediaError: There is no window.

    >>> pool([np.array([[1, 4], [3, 0]], dtype=np.float32)], "mean+max").tolist()
    [2.0, 2.0, 3.0, 4.0]
    """
    return pool_heard(((part, np.zeros(len(part), dtype=np.int64)) for part in parts), kind)


def pool_heard(parts: Iterable[Heard], kind: str) -> Float32[np.ndarray, " pooled"]:
    """The same for windows of sound: those 40 dB below the loudest, as good as silent, are left out.

    Many clips end in silence, padding or a long decay; windows of it say nothing of the sound and spoil its mean. On
    ESC-50, whose clips are padded to 5 s, a linear probe on YAMNet gains 2 points of accuracy. The loudest window may
    come last, so there is one running sum for each step of loudness, and they are joined at the end.

    Args:
        parts: Groups of (window vectors, `loudness` of the windows).
        kind: As in `pool`.

    Raises:
        ConfigError: Unknown `kind`.
        MediaError: There is no window.
    """
    pooling = Pooling(kind)
    for part, steps in parts:
        pooling.add(part, steps)
    return pooling.pooled()


def loudness(windows: Float32[np.ndarray, "n *channels samples"]) -> Int[np.ndarray, " n"]:
    """Root mean square of each window in whole steps of 5 dB, 0 for full scale, -24 (-120 dB) for anything quieter.

    >>> loudness(np.array([[1, -1], [0.1, -0.1], [0, 0]], dtype=np.float32)).tolist()
    [0, -4, -24]
    """
    power = np.square(windows, dtype=np.float64).mean(axis=tuple(range(1, windows.ndim)))
    decibels = 10 * np.log10(np.maximum(power, 1e-12))
    return np.asarray(np.maximum(np.floor(decibels / STEP_DB + 1e-3), QUIETEST), dtype=np.int64)


@dataclass(slots=True, eq=False)
class Pooling:
    """Takes the vectors of windows as they come; see `pool_heard`.

    Attributes:
        kind: As in `pool`.
    """

    kind: str
    _sums: "dict[int, Sums]" = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuses a kind that is none."""
        if self.kind not in POOLINGS:
            raise ConfigError(f"pooling {self.kind!r} is unknown; there are {', '.join(POOLINGS)}")

    def add(self, vectors: Float32[np.ndarray, "n dim"], steps: Int[np.ndarray, " n"]) -> None:
        """Adds the vectors of windows, and the `loudness` of the windows."""
        for step in np.unique(steps).tolist():
            origin = next(iter(self._sums.values())).origin if self._sums else vectors[0].astype(np.float64)
            self._sums.setdefault(step, Sums(origin)).add(vectors[steps == step])

    def pooled(self) -> Float32[np.ndarray, " pooled"]:
        """One vector.

        Raises:
            MediaError: There is no window.
        """
        if not self._sums:
            raise MediaError("no window to pool: the recording has no samples")
        whole = Sums(next(iter(self._sums.values())).origin)
        for step in sorted(step for step in self._sums if step > max(self._sums) - HEARD):
            whole.join(self._sums[step])
        return whole.pooled(self.kind)


@dataclass(slots=True, eq=False)
class Sums:
    """Running sums of vectors, around `origin`."""

    origin: Float64[np.ndarray, " dim"]
    count: int = 0
    total: Float64[np.ndarray, " dim"] = field(init=False)
    squares: Float64[np.ndarray, " dim"] = field(init=False)
    largest: Float32[np.ndarray, " dim"] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing has been added."""
        self.total, self.squares = np.zeros_like(self.origin), np.zeros_like(self.origin)
        self.largest = np.full(self.origin.shape, -np.inf, dtype=np.float32)

    def add(self, part: Float32[np.ndarray, "n dim"]) -> None:
        """Adds vectors, in their order."""
        centred = part - self.origin
        self.total += centred.sum(axis=0)
        self.squares += np.square(centred).sum(axis=0)
        self.largest = np.maximum(self.largest, part.max(axis=0))
        self.count += len(part)

    def join(self, other: "Sums") -> None:
        """Adds what another, around the same origin, has added."""
        self.total += other.total
        self.squares += other.squares
        self.largest = np.maximum(self.largest, other.largest)
        self.count += other.count

    def pooled(self, kind: str) -> Float32[np.ndarray, " pooled"]:
        """The vector that `kind` names."""
        shift = self.total / self.count
        deviation = np.sqrt(np.maximum(self.squares / self.count - np.square(shift), 0.0))
        mean = self.origin + shift
        if kind == "unit-mean":
            mean = mean / max(float(np.linalg.norm(mean)), 1e-12)
        extra = {"mean+max": [self.largest], "mean+std": [deviation]}.get(kind, [])
        return np.concatenate([mean, *extra]).astype(np.float32)


def pooled_dim(dim: int, kind: str) -> int:
    """Length of what `pool` makes of window vectors of length `dim`; "" pools nothing.

    >>> [pooled_dim(1024, kind) for kind in ("", "mean", "mean+max")]
    [1024, 1024, 2048]
    """
    return dim * (kind.count("+") + 1)
