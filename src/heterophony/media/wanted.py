"""What is to be decoded, and in which form it is kept."""

from dataclasses import dataclass
from pathlib import Path

from heterophony.media.form import Form
from heterophony.media.square import Fit
from heterophony.media.stretch import Stretch

BYTES_PER_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class Item:
    """One row that is to be decoded.

    Attributes:
        path: Where its sound lies, and its pictures, unless they lie in another file.
        pictures_path: Where its pictures lie (a video or a still picture); None: `path`.
        stretch: From when to when it goes, in seconds of its files; None: all of them.
    """

    path: Path
    pictures_path: Path | None = None
    stretch: Stretch | None = None


@dataclass(frozen=True, slots=True)
class Looks:
    """Which pictures of a video are wanted; see `iter_seconds`.

    Attributes:
        times: Moments within a second, ascending: 0 <= t < 1.
        size: Side of the square to which each picture is brought.
        fit: "crop" scales the shorter side to `size` and cuts the middle out; "stretch" scales both sides.
    """

    times: tuple[float, ...]
    size: int
    fit: Fit

    def __post_init__(self) -> None:
        """Refuses what no picture can have."""
        if (
            not self.times
            or list(self.times) != sorted(set(self.times))
            or not 0 <= self.times[0] <= self.times[-1] < 1
        ):
            raise ValueError(f"times within a second must ascend from 0 to below 1, {self.times} came")
        if self.size < 1:
            raise ValueError(f"pictures must have a size of at least 1, {self.size} came")

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of the pictures of one second: times, height, width, colours."""
        return len(self.times), self.size, self.size, 3

    @property
    def bytes_per_second(self) -> int:
        """What they take."""
        return len(self.times) * self.size * self.size * 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is kept of every item, at least one of the two.

    Attributes:
        sound: Rate and channels; None: no sound.
        looks: The pictures; None: none.
    """

    sound: Form | None
    looks: Looks | None

    def __post_init__(self) -> None:
        """Refuses nothing at all."""
        if self.sound is None and self.looks is None:
            raise ValueError("sound or looks must be wanted")

    @property
    def bytes_per_second(self) -> int:
        """What a second of an item takes that has all that is wanted."""
        sound = 0 if self.sound is None else self.sound.rate_hz * self.sound.channels * BYTES_PER_SAMPLE
        return sound + (0 if self.looks is None else self.looks.bytes_per_second)
