"""From channels to one: the mean, with samples that are no numbers set to zero and counted."""

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


def repair(mono: Float32[np.ndarray, " frames"]) -> tuple[int, float]:
    """Set samples that are not finite, or beyond `LOUDEST`, to zero, in place.

    Args:
        mono: One block of samples, at least one.

    Returns:
        How many were set to zero, and the largest magnitude of what is left.
    """
    peak = max(float(mono.max()), -float(mono.min()))
    if peak <= LOUDEST:
        return 0, peak
    broken = ~(np.abs(mono) <= LOUDEST)  # "not <=" is true for NaN as well
    mono[broken] = 0
    return int(broken.sum()), float(np.abs(mono).max())
