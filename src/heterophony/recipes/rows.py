"""Which rows take part in training, and how much each counts in the loss."""

from collections import defaultdict

import numpy as np
from jaxtyping import Float32

from heterophony.clips import clip_of
from heterophony.errors import ConfigError
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.weighting import confidence_weights, sample_weights, source_weights


def sure_enough(recipe: Recipe, samples: Samples) -> Samples:
    """The rows whose confidence is not below `rows.min_confidence`; those of unknown confidence stay."""
    least = recipe.rows.min_confidence
    if least is None:
        return samples
    return samples.take(np.flatnonzero(~(samples.confidence < least)))


def one_segment_each(recipe: Recipe, samples: Samples, seed: int) -> Samples:
    """The rows to train on where clips are cut into segments: one of each clip, drawn or the first, or all.

    Args:
        recipe: `rows.segments` says which; without it every row stays.
        samples: Training rows, or those of other data sets. Those that are no segments are clips of one.
        seed: Of the draw; each segment of a clip is equally likely.
    """
    cut = recipe.rows.segments
    if cut is None or cut.train == "all":
        return samples
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, (source, key) in enumerate(zip(samples.sources, samples.ids, strict=True)):
        rows[source, clip_of(key)].append(row)
    generator = np.random.default_rng(seed)
    taken = [some[0] if cut.train == "first" else some[generator.integers(len(some))] for some in rows.values()]
    return samples.take(np.array(taken, dtype=np.int64))


def row_weights(recipe: Recipe, samples: Samples) -> Float32[np.ndarray, " rows"]:
    """How much each training row counts in the loss (audio_text.md 4.4): its confidence, else its source, else 1.

    Raises:
        ConfigError: Rows are weighed by confidence, and none has any.
    """
    there = set(samples.sources)
    source = source_weights(samples.sources, {name: s.weight for name, s in recipe.extra.items() if name in there})
    shape = recipe.weighting.confidence
    if shape is not None and np.isnan(samples.confidence).all():
        raise ConfigError(f"weighting.confidence: {shape}, but no row has a confidence; the table needs that column")
    confidence = None if shape is None else confidence_weights(samples.confidence, shape)
    return sample_weights(confidence, source, recipe.weighting.renormalise)
