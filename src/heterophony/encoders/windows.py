"""Cuts a stream of samples into windows that cover all of it, always in the same way."""

from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Float32

from heterophony.errors import ConfigError


def cut(
    blocks: Iterable[Float32[np.ndarray, " _"]], window: int, hop: int, batch: int
) -> Iterator[Float32[np.ndarray, "n window"]]:
    """Windows of a stream, in groups of `batch` (the last group may be smaller).

    Windows start at 0, hop, 2 hop … as long as they fit. If samples remain after the last of these, one more window
    ends on the last sample. A stream shorter than one window is followed by zeros. The result depends on the samples
    only, not on how they are divided into blocks; memory is bounded by one group and one block.

    Args:
        blocks: Consecutive pieces of one recording, of any lengths.
        window: Samples per window, >= 1.
        hop: Samples between starts, 1..window.
        batch: Windows per group, >= 1.

    Raises:
        ConfigError: `hop` would leave samples out.

    >>> [group.tolist() for group in cut([np.arange(5, dtype=np.float32)], window=2, hop=2, batch=2)]
    [[[0.0, 1.0], [2.0, 3.0]], [[3.0, 4.0]]]
    """
    if not 1 <= hop <= window:
        raise ConfigError(f"hop {hop} and window {window} would leave samples out: 1 <= hop <= window wanted")
    enough = hop * (batch - 1) + window
    held: list[Float32[np.ndarray, " _"]] = []  # begins `lead` samples before the next window
    lead = 0
    length = 0
    for block in blocks:
        held.append(block)
        length += len(block)
        if length - lead < enough:
            continue
        samples = np.concatenate(held)
        at = lead
        while length - at >= enough:
            yield _frames(samples[at : at + enough], window, hop)
            at += hop * batch
        first = max(0, at - window)  # kept for a last window that is shifted back
        held, length, lead = [samples[first:].copy()], length - first, at - first
    yield from _rest(np.concatenate(held) if held else np.zeros(0, dtype=np.float32), lead, window, hop)


def _frames(samples: Float32[np.ndarray, " _"], window: int, hop: int) -> Float32[np.ndarray, "n window"]:
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(samples, window)[::hop])


def _rest(
    samples: Float32[np.ndarray, " _"], lead: int, window: int, hop: int
) -> Iterator[Float32[np.ndarray, "n window"]]:
    """What is left at the end, at most one group: whole windows from `lead` on, then the one shifted back."""
    length = len(samples)
    if 0 < length < window:
        yield np.pad(samples, (0, window - length))[None]
        return
    whole = _frames(samples[lead:], window, hop) if length - lead >= window else np.zeros((0, window), dtype=np.float32)
    covered = lead + hop * (len(whole) - 1) + window  # with no whole window: the end of the window before `lead`
    last = samples[None, length - window :] if length > covered else whole[:0]
    rest = np.concatenate([whole, last])
    if len(rest):
        yield rest
