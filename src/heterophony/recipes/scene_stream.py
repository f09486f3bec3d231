"""One stream of a recording, read as far as it is needed, with the windows that are still needed."""

from collections.abc import Iterator
from math import inf

import numpy as np
from jaxtyping import Float32

from heterophony.recipes.scene_windows import MINUTE_S, Minute, Windows, joined


class Stream:
    """The sound or the pictures of a recording.

    Attributes:
        begins: In seconds on the clock of the track.
        ends: When it ends; None as long as that is not known.
        over: Whether all of it was read.
    """

    def __init__(self, minutes: Iterator[Minute], begins: float) -> None:
        self.begins = begins
        self.ends: float | None = None
        self.over = False
        self._minutes = minutes
        self._until = -inf
        self._windows: dict[str, Windows] = {}

    def read_until(self, time: float) -> None:
        """Reads on until every window that begins before `time` is here.

        Raises:
            MediaError: The stream is refused.
        """
        while not self.over and self._until < time:
            minute = next(self._minutes, None)
            if minute is None:
                self.over = True
                self.ends = -inf if self.ends is None else self.ends  # it ended before the first minute that was read
                return
            self._until = self.begins + (minute.number + 1) * MINUTE_S
            self.ends = minute.ends if minute.ends is not None else self.ends
            for key, windows in minute.windows.items():
                self._windows[key] = joined(self._windows[key], windows) if key in self._windows else windows

    def forget(self, time: float) -> None:
        """Drops the windows that end before `time`."""
        self._windows = {key: one.take(np.flatnonzero(one.ends >= time)) for key, one in self._windows.items()}

    def there(self, moment: float) -> bool:
        """Whether there is anything at this moment, which has been read."""
        return self.begins <= moment < (inf if self.ends is None else self.ends)

    def vector(self, key: str, kind: str, moment: float, context: float) -> Float32[np.ndarray, " pooled"] | None:
        """What a step around `moment` sees by this encoder (`Windows.pooled`); None where the stream is not there."""
        if not self.there(moment) or key not in self._windows:
            return None
        return self._windows[key].pooled(moment, context, kind)
