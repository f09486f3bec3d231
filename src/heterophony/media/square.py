"""One picture of a video as a square of the size that an encoder wants."""

from typing import Literal

import av
import numpy as np
from jaxtyping import UInt8

Fit = Literal["crop", "stretch"]
_BICUBIC = "BICUBIC"
# Of a picture more than so many times as long as wide only the middle is scaled, lest a thread of pixels fill memory.
_LONGEST = 16


def to_square(frame: av.VideoFrame, size: int, fit: Fit) -> UInt8[np.ndarray, "size size 3"]:
    """Bring a picture to a square by bicubic interpolation, in RGB; transparency is left out.

    Args:
        frame: Any picture: grey, palette, with alpha, more than 8 bits …
        size: Side of the square in pixels.
        fit: "crop" scales the shorter side to `size` and cuts the middle out; "stretch" scales both sides.
    """
    if fit == "stretch":
        return _scaled(frame, size, size)
    if max(frame.width, frame.height) > _LONGEST * min(frame.width, frame.height):
        frame = _middle(frame)
    scale = size / min(frame.width, frame.height)
    width, height = max(size, round(frame.width * scale)), max(size, round(frame.height * scale))
    picture = _scaled(frame, width, height)
    top, left = (height - size) // 2, (width - size) // 2
    return np.ascontiguousarray(picture[top : top + size, left : left + size])


def _scaled(frame: av.VideoFrame, width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
    # On one thread: where libswscale shares a picture out among threads, the seam can hold stale memory.
    return frame.reformat(width=width, height=height, format="rgb24", interpolation=_BICUBIC, threads=1).to_ndarray()


def _middle(frame: av.VideoFrame) -> av.VideoFrame:
    """The middle of a very long or very high picture, `_LONGEST` times as long as it is wide."""
    picture: UInt8[np.ndarray, "height width 3"] = frame.reformat(format="rgb24", threads=1).to_ndarray()
    most = _LONGEST * min(frame.width, frame.height)
    top, left = max(0, frame.height - most) // 2, max(0, frame.width - most) // 2
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[top : top + most, left : left + most]), "rgb24")
