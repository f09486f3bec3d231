"""Stretches of one video, all of them in one pass over it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count, takewhile
from math import inf
from pathlib import Path

import av

from heterophony.errors import AbsentError, MediaError
from heterophony.media.limits import Limits
from heterophony.media.seconds import ROUNDING_S, stacked, without_picture
from heterophony.media.source import check_file
from heterophony.media.spool import Spool
from heterophony.media.stretch import Stretch, shown
from heterophony.media.video_source import Shown, open_video
from heterophony.media.wanted import Looks


def cut_pictures(
    path: Path, looks: Looks, stretches: Sequence[Stretch | None], limits: Limits, spool: Spool
) -> list[MediaError | None]:
    """Decodes a video once and puts what `iter_seconds` gives of each stretch on a spool.

    Args:
        path: A video or a still picture.
        looks: Which pictures.
        stretches: Ascending by their starts.
        limits: Of the file.
        spool: Takes uint8 `[times, size, size, 3]`, a piece per stretch.

    Returns:
        Why a stretch has no pictures (`AbsentError`) or is refused, None of the others.

    Raises:
        AbsentError: The file is a recording without pictures.
        MediaError: It is neither.
        InputError: The spool cannot be written.
    """
    check_file(path, limits)
    pieces = [_Piece(looks.times, stretch) for stretch in stretches]
    with ExitStack() as stack:
        try:
            video = stack.enter_context(open_video(path, limits))
        except MediaError as error:
            raise without_picture(path, error, limits) from error
        for number, seen in _by_piece(video.pictures, pieces):
            if seen is None:
                spool.end(number)
            else:
                spool.add(number, stacked(seen, looks.size, looks.fit))
    return [
        None if piece.found else _nothing(path, stretch, limits)
        for piece, stretch in zip(pieces, stretches, strict=True)
    ]


class _Piece:
    """One stretch: walks through the pictures, and takes at each of its moments the last one that is not later.

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
        while not self.done and self._moment < until - ROUNDING_S:
            self._looks.append(frame)
            self._moment = next(self._moments)
            if len(self._looks) == len(self._times):
                yield self._looks
                self._looks, self.found = [], True
                self.done = self._moment - self._times[0] >= self._stop - ROUNDING_S

    def rest(self, frame: av.VideoFrame, end: float) -> Iterator[list[av.VideoFrame]]:
        """The first second, if there is none yet and anything is shown from its start on: the last picture fills it."""
        if not self.found and (self.start == 0 or self.start < end - ROUNDING_S):
            self.found = True
            yield self._looks + [frame] * (len(self._times) - len(self._looks))


def _by_piece(pictures: Iterator[Shown], pieces: Sequence[_Piece]) -> Iterator[tuple[int, list[av.VideoFrame] | None]]:
    """(piece, what is seen in its next second), and None once there is no more of it."""
    growing = dict(enumerate(pieces))
    frame, end = None, 0.0
    for picture in pictures:
        if frame is not None:
            yield from _looked(growing, frame, picture.start)
            if not growing:
                return
        frame, end = picture.frame, max(end, picture.end)
    if frame is not None:
        yield from _looked(growing, frame, end)
        for number, piece in growing.items():
            yield from ((number, seen) for seen in piece.rest(frame, end))


def _looked(
    growing: dict[int, _Piece], frame: av.VideoFrame, until: float
) -> Iterator[tuple[int, list[av.VideoFrame] | None]]:
    """What is complete when a picture has been shown until then; takes out the pieces that are."""
    for number in list(takewhile(lambda number: growing[number].start < until - ROUNDING_S, growing)):
        yield from ((number, seen) for seen in growing[number].look(frame, until))
        if growing[number].done:
            del growing[number]
            yield number, None


def _nothing(path: Path, stretch: Stretch | None, limits: Limits) -> MediaError:
    if stretch is not None and stretch[0] > 0:
        return AbsentError(f"{path}{shown(stretch)}: the pictures end before that")
    return MediaError(f"{path}: no picture of at most {limits.max_pixels} pixels in it can be decoded")
