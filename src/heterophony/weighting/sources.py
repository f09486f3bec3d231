"""Weights of samples from where they come from."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float32

from heterophony.errors import ConfigError


def source_weights(sources: Sequence[str], weights: Mapping[str, float]) -> Float32[np.ndarray, " n"]:
    """Weight of each sample by its source; 1 for a source that `weights` does not name.

    The "weighted" runs with external data of the audio-text report are `{"ESC-50": 0.3, "FSD50K": 0.3}`.

    Args:
        sources: The source of each sample.
        weights: Source to weight, finite and >= 0. Give the whole table, so that each of them is there.

    Raises:
        ConfigError: A weight out of range, or for a source that no sample has.
    """
    there = set(sources)
    unknown = [name for name in weights if name not in there]
    if unknown:
        raise ConfigError(
            f"no sample comes from {', '.join(unknown)}; sources are {', '.join(sorted(there)) or 'none'}"
        )
    for name, weight in weights.items():
        if not (math.isfinite(weight) and weight >= 0):
            raise ConfigError(f"the weight of {name!r} must be finite and >= 0, is {weight}")
    return np.array([weights.get(source, 1.0) for source in sources], dtype=np.float32)
