"""Which pictures are seen at the moments of each second, of one stretch or of several, in one walk through a video."""

from collections.abc import Iterator, Sequence
from itertools import count, takewhile
from math import inf

import av

from heterophony.media.stretch import Stretch
from heterophony.media.video_source import Shown

# Matroska rounds times to milliseconds: a picture that is later than a moment by less than this is not later.
_ROUNDING_S = 0.001


class Watch:
    """One stretch, or all of a video: takes at each of its moments the last picture that is not later.

    Attributes:
        start: When it begins.
        found: Whether a second of it is there.
        done: Whether all of it is.
    """

    def __init__(self, times: tuple[float, ...], stretch: Stretch | None) -> None:
        self.start, self._stop = stretch or (0.0, inf)
        self._times = times
        self._moments = (self.start + second + time for second in count() for time in times)
        self._moment = next(self._moments)
        self._looks: list[av.VideoFrame] = []
        self.found = self.done = False

    def look(self, frame: av.VideoFrame, until: float) -> Iterator[list[av.VideoFrame]]:
        """The seconds that are complete when a picture has been shown until then."""
        while not self.done and self._moment < until - _ROUNDING_S:
            self._looks.append(frame)
            self._moment = next(self._moments)
            if len(self._looks) == len(self._times):
                yield self._looks
                self._looks, self.found = [], True
                self.done = self._moment - self._times[0] >= self._stop - _ROUNDING_S

    def rest(self, frame: av.VideoFrame, end: float) -> Iterator[list[av.VideoFrame]]:
        """The first second, if there is none yet and anything is shown from its start on: the last picture fills it."""
        if not self.found and (self.start == 0 or self.start < end - _ROUNDING_S):
            self.found = True
            yield self._looks + [frame] * (len(self._times) - len(self._looks))


def watched(pictures: Iterator[Shown], watches: Sequence[Watch]) -> Iterator[tuple[int, list[av.VideoFrame] | None]]:
    """Walks once through the pictures, no further than any watch needs.

    Args:
        pictures: Of a video, from the first watch on or from before it.
        watches: Ascending by their starts.

    Yields:
        (number of the watch, what is seen in its next second), and (number, None) when it is done.
    """
    growing = dict(enumerate(watches))
    frame, end = None, 0.0
    for picture in pictures:
        if frame is not None:
            yield from _looked(growing, frame, picture.start)
            if not growing:
                return
        frame, end = picture.frame, max(end, picture.end)
    if frame is not None:
        yield from _looked(growing, frame, end)
        for number, watch in growing.items():
            yield from ((number, seen) for seen in watch.rest(frame, end))


def _looked(
    growing: dict[int, Watch], frame: av.VideoFrame, until: float
) -> Iterator[tuple[int, list[av.VideoFrame] | None]]:
    """What is complete when a picture has been shown until then; takes out the watches that are done."""
    begun = list(takewhile(lambda number: growing[number].start < until - _ROUNDING_S, growing))
    for number in begun:
        yield from ((number, seen) for seen in growing[number].look(frame, until))
        if growing[number].done:
            del growing[number]
            yield number, None
