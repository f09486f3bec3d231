"""From one video or picture to the vector of a picture encoder."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np
from jaxtyping import Float32, UInt8

from heterophony.encoders import PictureEncoder, pool
from heterophony.media import Limits, Stretch, iter_seconds
from heterophony.store.encoder_specs import EncoderSpec
from heterophony.store.networks import loaded


def look(
    path: Path, part: EncoderSpec, limits: Limits, stretch: Stretch | None = None
) -> tuple[Float32[np.ndarray, " _"], str]:
    """The pooled vector of what is to be seen (in a stretch), second by second, and why it is partial, "" if it is not.

    Raises:
        AbsentError: The file has no picture.
        MediaError: It is refused.
    """
    encoder = cast(PictureEncoder, loaded(part.name))
    problems: list[str] = []
    seconds = iter_seconds(path, encoder.times, encoder.size, encoder.fit, limits, problems, stretch)
    vector = pool((encoder.encode(group) for group in _groups(seconds, encoder.batch)), part.pooling)
    return vector, "; ".join(problems)


def _groups(
    seconds: Iterator[UInt8[np.ndarray, "times height width 3"]], batch: int
) -> Iterator[UInt8[np.ndarray, "n times height width 3"]]:
    while group := list(islice(seconds, batch)):
        yield np.stack(group)
