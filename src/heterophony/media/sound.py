"""A recording as a stream of blocks at the rate that one encoder wants, in bounded memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from heterophony.media.form import Block, Form
from heterophony.media.limits import Limits
from heterophony.media.sound_streams import SoundStreams


class SoundStream:
    """Decodes one recording: iterate for blocks, then ask what was wrong with it.

    `SoundStreams` with one form; how it decodes stands there. Each iteration reads the file anew.

    Attributes:
        path: The recording.
        rate_hz: Rate of the blocks.
        channels: Channels of the blocks: 1 is the mean, 2 is left and right.
        limits: See `Limits`.
    """

    def __init__(self, path: Path, rate_hz: int, limits: Limits | None = None, channels: Literal[1, 2] = 1) -> None:
        self.path = path
        self.rate_hz = rate_hz
        self.channels = channels
        self.limits = limits or Limits()
        self._streams = SoundStreams(path, [Form(rate_hz, channels)], self.limits)

    @property
    def note(self) -> str:
        """After the iteration: "" if all went well, else why the result is partial."""
        return self._streams.note

    @property
    def seconds(self) -> float:
        """After the iteration: how much was decoded."""
        return self._streams.seconds

    def __iter__(self) -> Iterator[Block]:
        """Yield float32 blocks of at most 10 s, full scale ±1: `[samples]`, or `[samples, 2]` for two channels.

        Raises:
            AbsentError: The file has no sound, and shows a picture.
            MediaError: The recording is refused: nothing can be decoded, it is shorter than `Limits.min_seconds`, or no
                sample of it is a number. The last is known only at the end, so discard what came before.
        """
        return (block for _, block in self._streams)
