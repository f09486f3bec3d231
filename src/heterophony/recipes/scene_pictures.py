"""The pictures of a long video, encoded minute by minute."""

from collections.abc import Iterator
from itertools import islice
from math import inf
from pathlib import Path
from typing import cast

import numpy as np
from jaxtyping import UInt8

from heterophony.encoders import PictureEncoder
from heterophony.errors import AbsentError
from heterophony.media import iter_seconds
from heterophony.recipes.scene_windows import MINUTE_S, Minute, Windows
from heterophony.store.encoder_specs import EncoderSpec
from heterophony.store.networks import loaded

Second = UInt8[np.ndarray, "_ _ _ 3"]
THREADS = 2
"""Of the decoder."""


def picture_minutes(
    path: Path, part: EncoderSpec, first: int, begins: float, stated: float | None, problems: list[str]
) -> Iterator[Minute]:
    """For each minute of the pictures one window per second, from the frames at which the encoder looks.

    They end with the last second that has its frames, or within it where the header says so.

    Args:
        path: A video.
        part: The encoder.
        first: Number of the first minute that is wanted.
        begins: When the pictures begin, in seconds on the clock of the track.
        stated: How long the file is, by its header.
        problems: Takes what was skipped, once they are exhausted.

    Raises:
        MediaError: As `iter_seconds`.
    """
    encoder, number = cast(PictureEncoder, loaded(part.name)), first
    seconds = _seconds(path, encoder, first * MINUTE_S, problems)
    while True:
        windows, count = _windows(encoder, seconds, begins + number * MINUTE_S)
        if not count and number == first > 0:
            return
        if count < MINUTE_S:
            ends = begins + number * MINUTE_S + count
            yield Minute(number, {part.key: windows}, stated if stated and ends - 1 < stated < ends else ends)
            return
        yield Minute(number, {part.key: windows}, None)
        number += 1


def _seconds(path: Path, encoder: PictureEncoder, start: int, problems: list[str]) -> Iterator[Second]:
    """From second `start` on. One more is decoded before, as the first of a stretch is there even if it is cut off."""
    lead = min(start, 1)
    stretch = (float(start - lead), inf)
    seconds = iter_seconds(
        path, encoder.times, encoder.size, encoder.fit, problems=problems, stretch=stretch, threads=THREADS
    )
    try:
        yield from islice(seconds, lead, None)
    except AbsentError:  # they end before that
        if not start:
            raise


def _windows(encoder: PictureEncoder, seconds: Iterator[Second], starts: float) -> tuple[Windows, int]:
    """The windows of at most one minute that begins at `starts`, and how many."""
    vectors, count = [np.zeros((0, encoder.dim), np.float32)], 0
    while group := list(islice(seconds, min(encoder.batch, MINUTE_S - count))):
        vectors.append(encoder.encode(np.stack(group)))
        count += len(group)
    times = starts + np.arange(count, dtype=np.float64)
    return Windows(times, times + 1, np.concatenate(vectors), np.zeros(count, np.int64)), count
