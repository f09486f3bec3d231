"""A stretch of a recording, cut out of what a decoder gives, before anything is resampled."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from jaxtyping import Float32

from heterophony.media.source import Source

Stretch = tuple[float, float]
"""From when to when, in seconds since the beginning of a file; the end is not in it."""


def within(source: Source, stretch: Stretch | None) -> Source:
    """The source as if its file held this stretch only; None: all of it.

    The file is decoded from where its source begins (`open_source` starts near the stretch where that gives the same
    samples; durations that headers state are not relied on) and no further than the end of the stretch. Stretches that
    meet share no sample and leave none out.
    """
    if stretch is None:
        return source
    first, end = (round(second * source.rate_hz) for second in stretch)
    promised = None if source.promised is None else max(0, min(source.promised, end) - first)
    blocks = _between(source.blocks, first - source.skipped, end - source.skipped)
    return replace(source, blocks=blocks, promised=promised)


def shown(stretch: Stretch | None) -> str:
    """The stretch for messages, behind the name of a file; "" for all of it.

    >>> shown((3.0, 4.0)), shown(None)
    (', 3 s to 4 s', '')
    """
    return "" if stretch is None else f", {stretch[0]:g} s to {stretch[1]:g} s"


def _between(
    blocks: Iterator[Float32[np.ndarray, "frames channels"]], first: int, end: int
) -> Iterator[Float32[np.ndarray, "frames channels"]]:
    """The frames from `first` to before `end`."""
    at = 0
    for block in blocks:
        kept = block[max(0, first - at) : max(0, end - at)]
        at += len(block)
        if len(kept):
            yield kept
        if at >= end:
            return
