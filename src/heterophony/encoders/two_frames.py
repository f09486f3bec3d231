"""Two frames of each second, as networks trained on ImageNet or Places365 see them, and the sum of both vectors.

Source: Wang et al., A Study on Joint Modeling and Data Augmentation of Multi-Modalities for Audio-Visual Scene
Classification, 2022, section 3.1: of 30 frames a second the first and the fifteenth, resized to 224 x 224, their two
embeddings added. No crop is stated there, so the sides are scaled each by itself; the demonstration of Places365 scales
the shorter side to 256 and cuts out the middle 224, which leaves the edges unseen.
"""

from collections.abc import Sequence
from functools import reduce
from operator import add

import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from torch import Tensor, nn

TIMES = (0.0, 14 / 30)
"""Seconds within each second: frames 1 and 15 at 30 frames a second."""
SIZE = 224
MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)


def to_pixels(frames: UInt8[np.ndarray, "n times height width 3"]) -> Float32[np.ndarray, "n times 3 height width"]:
    """Colours in 0..1, less the mean of ImageNet, divided by its deviation; for each of red, green and blue."""
    scaled = (frames.astype(np.float32) / np.float32(255) - MEAN) / DEVIATION
    return np.ascontiguousarray(np.moveaxis(scaled, -1, 2))


class SumOfFrames(nn.Module):
    """Sums the vectors of the frames of a second. Of two frames, the order does not matter, to the last bit.

    Frames that are equal in every second, as those of pictures that stand still, are looked at once. In training the
    others are one batch, and its normalisations see all of them together; otherwise they are looked at one by one, so
    that no bit of a vector depends on a frame's place.

    Args:
        per_frame: A network from `[n, 3, height, width]` to `[n, dim]`.
    """

    def __init__(self, per_frame: nn.Module) -> None:
        super().__init__()
        self.per_frame = per_frame

    def forward(self, pixels: Float[Tensor, "n times 3 height width"]) -> Float[Tensor, "n dim"]:
        """One vector per second."""
        return reduce(add, self._vectors(pixels))

    def _vectors(self, pixels: Float[Tensor, "n times 3 height width"]) -> Sequence[Float[Tensor, "n dim"]]:
        """Those of each frame."""
        first, *others = pixels.unbind(1)
        if not pixels.is_meta and all(  # numbers are there to be compared
            torch.equal(first, other) for other in others
        ):
            return [self.per_frame(first)] * pixels.shape[1]
        if not self.training:
            return [self.per_frame(frame) for frame in (first, *others)]
        each = self.per_frame(pixels.flatten(0, 1))
        vectors: Sequence[Tensor] = each.unflatten(0, pixels.shape[:2]).unbind(1)
        return vectors
