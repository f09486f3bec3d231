"""Where in a video decoding may begin, so that all that comes looks as if it were decoded from the beginning.

A key frame stands for itself, and what is shown after it needs nothing that came before it. Formats whose index tells
where these are, and whose pictures have times of their own, are MP4 (MOV) and Matroska (WebM); others are decoded from
their beginning.
"""

from collections.abc import Iterator

import av
import av.container
from av.video.frame import PictureType

# An index may count in the order of decoding: what it gives can be shown a little later than what was asked for.
EARLIER_S = (0.0, 1.0)
_INDEXED = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")


def near(container: av.container.InputContainer, stream: av.VideoStream, start: float) -> float | None:
    """Go to the last key frame that is shown no later than `start` seconds after the first picture.

    Args:
        container: Opened, nothing read yet.
        stream: Its pictures.
        start: In seconds, > 0.

    Returns:
        The time of the first picture, in seconds: the container now stands before the packet of that key frame. None
        where there is no such frame, or it cannot be found: the container must be opened anew.
    """
    if container.format.name not in _INDEXED or not stream.time_base:
        return None
    try:
        first = next(_frames(container, stream), None)
        if first is None or first.time is None:
            return None
        for earlier in EARLIER_S:
            target = int((first.time + start - earlier) / stream.time_base)
            container.seek(target, stream=stream)
            found = next((frame for frame in _frames(container, stream) if frame.key_frame), None)
            if found is not None and _stands_alone(found, first.time + start):
                container.seek(target, stream=stream)
                return float(first.time)
    except av.FFmpegError:  # damaged, or no index: decoding from the beginning will tell
        return None
    return None


def _stands_alone(frame: av.VideoFrame, latest: float) -> bool:
    """Whether nothing before this key frame is needed. Where pictures are refreshed bit by bit, it is no I picture."""
    return frame.time is not None and frame.time <= latest and frame.pict_type == PictureType.I


def _frames(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    for packet in container.demux(stream):
        yield from (frame for frame in packet.decode() if isinstance(frame, av.VideoFrame))
