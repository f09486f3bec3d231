"""From channels to one (the mean) or two, with samples that are no numbers set to zero and counted."""

import numpy as np
from jaxtyping import Float32

# 120 dB above full scale: beyond it a sample is damage and would drown the rest.
LOUDEST = 1e6


def mix_down(block: Float32[np.ndarray, "frames channels"]) -> Float32[np.ndarray, " frames"]:
    """The mean of the channels, summed in their order, so that the result depends on the samples alone.

    Args:
        block: Samples, full scale ±1; not changed.
    """
    mono = block[:, 0].copy()
    with np.errstate(invalid="ignore", over="ignore"):
        for channel in range(1, block.shape[1]):
            mono += block[:, channel]
    if block.shape[1] > 1:
        mono *= np.float32(1 / block.shape[1])
    return mono


def left_and_right(block: Float32[np.ndarray, "frames channels"]) -> Float32[np.ndarray, "frames 2"]:
    """The first two channels, or the only one twice; samples that are no numbers are set to zero, each by itself.

    Args:
        block: Samples, full scale ±1; not changed.
    """
    pair = block[:, :2].copy() if block.shape[1] > 1 else np.repeat(block, 2, axis=1)
    repair(pair)
    return pair


def repair(samples: Float32[np.ndarray, "frames *channels"]) -> tuple[int, float]:
    """Set samples that are not finite, or beyond `LOUDEST`, to zero, in place.

    Args:
        samples: One block, at least one frame.

    Returns:
        How many were set to zero, and the largest magnitude of what is left.
    """
    peak = max(float(samples.max()), -float(samples.min()))
    if peak <= LOUDEST:
        return 0, peak
    broken = ~(np.abs(samples) <= LOUDEST)  # "not <=" is true for NaN as well
    samples[broken] = 0
    return int(broken.sum()), float(np.abs(samples).max())
