"""A recording that is being decoded, and what a file must be to be opened at all."""

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from heterophony.errors import MediaError
from heterophony.media.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Decoded sound, block by block.

    Attributes:
        rate_hz: Sampling rate of the blocks, as the decoder found it.
        channels: Number of channels.
        promised: Frames that the header promises, None where it promises nothing that can be relied on.
        blocks: Float32 `[frames, channels]`, full scale ±1; a block is valid until the next one is asked for.
        problems: Why decoding ended early, or what was skipped; complete once `blocks` is exhausted.
        goes_on: Whether the file goes on although decoding ended after so many frames, because the header says so; None
            of a decoder that reads to the end of the file.
        skipped: Frames of the recording that lie before the first block, because they were not asked for.
        begins: When the first frame of the recording is to be heard, in seconds on the clock of its file.
    """

    rate_hz: int
    channels: int
    promised: int | None
    blocks: Iterator[Float32[np.ndarray, "frames channels"]]
    problems: list[str]
    goes_on: Callable[[int], bool] | None = None
    skipped: int = 0
    begins: float = 0.0


def check_file(path: Path, limits: Limits) -> None:
    """Refuse what is not a regular file with something in it.

    Raises:
        MediaError: Missing, not readable, a folder or device, empty, or larger than the limit.
    """
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            path.open("rb").close()
    except (OSError, ValueError) as error:
        raise MediaError(f"{path}: cannot be opened ({getattr(error, 'strerror', None) or error})") from error
    if not stat.S_ISREG(found.st_mode):
        raise MediaError(f"{path}: not a regular file")
    if found.st_size == 0:
        raise MediaError(f"{path}: is empty (0 bytes)")
    if found.st_size > limits.max_bytes:
        raise MediaError(f"{path}: {found.st_size} bytes; at most {limits.max_bytes} are read")
