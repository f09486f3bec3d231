"""One weight per sample from its confidence and its source."""

from typing import Literal

import numpy as np
from jaxtyping import Float32

from heterophony.errors import ConfigError


def sample_weights(
    confidence: Float32[np.ndarray, " n"] | None,
    source: Float32[np.ndarray, " m"] | None,
    renormalise: Literal["none", "mean"] = "none",
) -> Float32[np.ndarray, " n"]:
    """The weight of each sample in the loss.

    A confidence that is there **replaces** the weight of the source, they are not multiplied; where it is missing the
    weight of the source counts, and 1 without one. That is what the code of the audio-text report does (audio_text.md
    4.4), which does not renormalise: with weights below 1 the loss, and with it the step, becomes smaller.

    Args:
        confidence: From `confidence_weights`, NaN where unknown; None: unknown for all.
        source: From `source_weights`; None: 1 for all.
        renormalise: "mean" divides by the mean of the weights, so that it becomes 1.

    Raises:
        ConfigError: Both are None, they differ in length, or all weights are 0 where the mean is to be 1.
    """
    if confidence is None and source is None:
        raise ConfigError("sample weights need confidences or sources: both are None")
    if confidence is None:
        weight = np.asarray(source, dtype=np.float64)
    else:
        otherwise = np.ones(len(confidence)) if source is None else source
        if len(otherwise) != len(confidence):
            raise ConfigError(f"{len(confidence)} confidences and {len(otherwise)} sources: both need one per sample")
        weight = np.where(np.isnan(confidence), otherwise, confidence).astype(np.float64)
    if renormalise == "mean":
        if not weight.sum() > 0:
            raise ConfigError("the mean of the weights cannot be made 1: all are 0")
        weight = weight / weight.mean()
    return weight.astype(np.float32)
