"""Cuts a stream of samples into windows that cover all of it, always in the same way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32

from heterophony.errors import ConfigError

Block = Float32[np.ndarray, "_ ..."]  # [samples] or [samples, channels]
Group = Float32[np.ndarray, "_ ... _"]  # [n, window] or [n, channels, window]


def cut(blocks: Iterable[Block], window: int, hop: int, batch: int, shortest: int | None = None) -> Iterator[Group]:
    """Windows of a stream, in groups of `batch` (the last group may be smaller).

    Args:
        blocks: Consecutive pieces of one recording, of any lengths: `[samples]` or `[samples, channels]`.
        window: As in `Cutter`.
        hop: As in `Cutter`.
        batch: As in `Cutter`.
        shortest: As in `Cutter`; None is `window`.

    Raises:
        ConfigError: `hop` would leave samples out.

    >>> [group.tolist() for group in cut([np.arange(5, dtype=np.float32)], window=2, hop=2, batch=2)]
    [[[0.0, 1.0], [2.0, 3.0]], [[3.0, 4.0]]]
    """
    cutter = Cutter(window, hop, batch, window if shortest is None else shortest)
    for block in blocks:
        yield from cutter.push(block)
    yield from cutter.rest()


@dataclass(slots=True, eq=False)
class Cutter:
    """Takes the blocks of one recording as they come, and gives windows as soon as a group is whole.

    Windows start at 0, hop, 2 hop … as long as they fit. If samples remain after the last of these, one more window
    ends on the last sample. A recording shorter than one window is one window of its own length, followed by zeros up
    to `shortest` samples. The result depends on the samples only, not on how they are divided into blocks; memory is
    bounded by one group and one block.

    Attributes:
        window: Samples per window, >= 1.
        hop: Samples between starts, 1..window.
        batch: Windows per group, >= 1.
        shortest: Samples of the shortest window, 1..window.
    """

    window: int
    hop: int
    batch: int
    shortest: int
    _held: list[Block] = field(default_factory=list)  # begins `_lead` samples before the next window
    _lead: int = 0
    _length: int = 0

    def __post_init__(self) -> None:
        """Refuses what would leave samples out."""
        if not 1 <= self.hop <= self.window:
            raise ConfigError(
                f"hop {self.hop} and window {self.window} would leave samples out: 1 <= hop <= window wanted"
            )

    def push(self, block: Block) -> Iterator[Group]:
        """The groups that `block` completes."""
        enough = self.hop * (self.batch - 1) + self.window
        self._held.append(block)
        self._length += len(block)
        if self._length - self._lead < enough:
            return
        samples = np.concatenate(self._held)
        at = self._lead
        while self._length - at >= enough:
            yield self._frames(samples[at : at + enough])
            at += self.hop * self.batch
        first = max(0, at - self.window)  # kept for a last window that is shifted back
        self._held, self._length, self._lead = [samples[first:].copy()], self._length - first, at - first

    def rest(self) -> Iterator[Group]:
        """What is left at the end, at most one group: the whole windows, then the one shifted back."""
        if not self._length:
            return
        samples = np.concatenate(self._held)
        window, length = self.window, self._length
        if length < window:
            missing = max(0, self.shortest - length)
            yield np.ascontiguousarray(np.pad(samples.T, [*[(0, 0)] * (samples.ndim - 1), (0, missing)])[None])
            return
        whole = (length - self._lead - window) // self.hop + 1  # 0 if none fits
        parts = [self._frames(samples[self._lead :])] if whole > 0 else []
        covered = self._lead + self.hop * (whole - 1) + window  # with no whole window: the end of the one before
        if length > covered:
            parts.append(self._frames(samples[length - window :]))
        if parts:
            yield np.concatenate(parts)

    def _frames(self, samples: Block) -> Group:
        return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(samples, self.window, axis=0)[:: self.hop])
