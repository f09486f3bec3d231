"""Stretches of one video, all of them in one pass over it."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from heterophony.errors import MediaError
from heterophony.media.limits import Limits
from heterophony.media.moments import Watch, watched
from heterophony.media.seconds import nothing_seen, stacked, without_picture
from heterophony.media.source import check_file
from heterophony.media.spool import Spool
from heterophony.media.stretch import Stretch
from heterophony.media.video_source import open_video
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
    watches = [Watch(looks.times, stretch) for stretch in stretches]
    with ExitStack() as stack:
        try:
            video = stack.enter_context(open_video(path, limits, stretches[0][0] if stretches[0] else 0.0))
        except MediaError as error:
            raise without_picture(path, error, limits) from error
        for number, seen in watched(video.pictures, watches):
            if seen is None:
                spool.end(number)
            else:
                spool.add(number, stacked(seen, looks.size, looks.fit))
    pairs = zip(watches, stretches, strict=True)
    return [None if watch.found else nothing_seen(path, stretch, limits) for watch, stretch in pairs]
