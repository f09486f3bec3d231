"""What is to be seen in each second of a video, at the moments at which an encoder looks."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import av
import numpy as np
from jaxtyping import UInt8

from heterophony.errors import AbsentError, MediaError
from heterophony.media.limits import Limits
from heterophony.media.moments import Watch, watched
from heterophony.media.opening import open_source
from heterophony.media.source import check_file
from heterophony.media.square import Fit, to_square
from heterophony.media.stretch import Stretch, shown
from heterophony.media.video_source import open_video


def iter_seconds(
    path: Path,
    times: tuple[float, ...],
    size: int,
    fit: Fit,
    limits: Limits | None = None,
    problems: list[str] | None = None,
    stretch: Stretch | None = None,
    threads: int = 1,
) -> Iterator[UInt8[np.ndarray, "times size size 3"]]:
    """What is to be seen in each second of a video.

    For second `s` = 0, 1, 2 … after the first picture and each `t` of `times`, this is the last picture that is not
    later than `s + t`, by the video's own timestamps. A second is there if the video still shows something at `s` plus
    the last of `times`. The first second is always there: what it lacks is the last picture seen, so a still picture is
    one second of itself. Of a stretch from `a` to `b` the seconds are those from `a` on that begin before `b`; the
    first of them is there if anything is shown from `a` on. Damaged packets are skipped; a video that is cut off ends
    there. Rotation that the file asks of the player is not done; transparency is left out.

    Args:
        path: A video or a still picture.
        times: Moments within a second, ascending: 0 <= t < 1.
        size: Side of the square to which each picture is brought, bicubic.
        fit: "crop" scales the shorter side to `size` and cuts the middle out; "stretch" scales both sides.
        limits: `max_seconds`, `max_pixels` and `max_bytes` apply.
        problems: Takes what was skipped and why the pictures end early, once they are exhausted.
        stretch: Only this, in seconds since the first picture; None: everything.
        threads: Of the decoder; an undamaged video gives the same pictures with any number.

    Yields:
        The pictures of one second, in RGB.

    Raises:
        AbsentError: The file is a recording without pictures (a cover is no picture), or they end before the stretch.
        MediaError: It is neither, or its pictures are damaged or beyond the limits.
        ValueError: `times` or `size` is impossible.
    """
    if not times or list(times) != sorted(set(times)) or not 0 <= times[0] <= times[-1] < 1:
        raise ValueError(f"times within a second must ascend from 0 to below 1, {times} came")
    if size < 1:
        raise ValueError(f"pictures must have a size of at least 1, {size} came")
    seconds = _seconds(path, times, limits or Limits(), [] if problems is None else problems, stretch, threads)
    return (stacked(looks, size, fit) for looks in seconds)


def _seconds(
    path: Path,
    times: tuple[float, ...],
    limits: Limits,
    problems: list[str],
    stretch: Stretch | None,
    threads: int,
) -> Iterator[list[av.VideoFrame]]:
    check_file(path, limits)
    watch = Watch(times, stretch)
    with ExitStack() as stack:
        try:
            video = stack.enter_context(open_video(path, limits, watch.start, threads))
        except MediaError as error:
            raise without_picture(path, error, limits) from error
        for _, looks in watched(video.pictures, [watch]):
            if looks is not None:
                yield looks
        problems += video.problems
    if not watch.found:
        raise nothing_seen(path, stretch, limits)


def nothing_seen(path: Path, stretch: Stretch | None, limits: Limits) -> MediaError:
    """Of a video that shows nothing in a stretch: it ends before that, or none of its pictures can be decoded."""
    if stretch is not None and stretch[0] > 0:
        return AbsentError(f"{path}{shown(stretch)}: the pictures end before that")
    return MediaError(f"{path}: no picture of at most {limits.max_pixels} pixels in it can be decoded")


def without_picture(path: Path, error: MediaError, limits: Limits) -> MediaError:
    """Of a file that shows nothing: a recording lacks a picture, anything else is refused."""
    try:
        with open_source(path, limits):
            return AbsentError(f"{path}: no picture in it")
    except MediaError:
        return MediaError(f"{path}: {error}; no sound in it either")


def stacked(looks: list[av.VideoFrame], size: int, fit: Fit) -> UInt8[np.ndarray, "times size size 3"]:
    """All looks as squares; a picture that is looked at twice is scaled once."""
    squares = {key: to_square(frame, size, fit) for key, frame in {id(frame): frame for frame in looks}.items()}
    return np.stack([squares[id(frame)] for frame in looks])
