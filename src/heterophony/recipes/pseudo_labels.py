"""Soft labels from a teacher, for rows that have none or none that is trusted (audio_text.md 9.2, f and g).

::

    soft = (1 - lambda) onehot(own label) + lambda p        p: mean of the probabilities of the teacher's members

The teacher is the same recipe without these rows, trained inside the fold on the fold's training rows, so nothing of
the test rows comes in. A row with a soft label has no label of its own any more (`target` -1): no prior is fitted on
it, and it neither borrows nor lends a modality.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float32

from heterophony.errors import ConfigError
from heterophony.predictions import softmax
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.recipes.spec.pseudo import UNLABELLED
from heterophony.recipes.trained import Trained


def part_unlabelled(recipe: Recipe, samples: Samples) -> tuple[Samples, Samples | None]:
    """The rows that are parted into folds, and those without label, where the recipe takes them; else None.

    The latter are said to come from `unlabelled`; they are in no fold's test or validation rows.
    """
    if recipe.pseudo is None or UNLABELLED not in recipe.pseudo.of:
        return samples, None
    bare = samples.take(np.flatnonzero(samples.target < 0))
    bare = replace(bare, sources=(UNLABELLED,) * len(bare))
    return samples.take(np.flatnonzero(samples.target >= 0)), bare if len(bare) else None


def pool_of(recipe: Recipe, extra: Samples | None) -> Samples | None:
    """The rows that get soft labels, among those beside the collection; None where the recipe wants none.

    Raises:
        ConfigError: It wants some and there are none.
    """
    if recipe.pseudo is None:
        return None
    wanted = recipe.pseudo.of
    there = () if extra is None else extra.sources
    rows = np.flatnonzero(np.array([source in wanted for source in there], dtype=np.bool_))
    if extra is None or not len(rows):
        raise ConfigError(f"pseudo: no row of {' or '.join(wanted)} is there to be labelled; leave `pseudo` out")
    return extra.take(rows)


def drawn(pool: Samples, share: float, seed: int) -> Samples:
    """A random part of the rows: `share` of them, rounded, at least one, in their order."""
    count = max(1, round(share * len(pool)))
    return pool.take(np.sort(np.random.default_rng(seed).choice(len(pool), count, replace=False)))


def soft_labelled(pool: Samples, said: Float32[np.ndarray, "rows classes"], weight_of_teacher: float) -> Samples:
    """The rows with soft labels in place of their own.

    Args:
        pool: The rows.
        said: The teacher's probabilities of each.
        weight_of_teacher: lambda, 0..1.

    Raises:
        ConfigError: lambda is below 1 and rows have no label of their own.
    """
    own = np.zeros_like(said)
    if weight_of_teacher < 1:
        lacking = [pool.ids[row] for row in np.flatnonzero(pool.target < 0)]
        if lacking:
            raise ConfigError(
                f"pseudo.weight_of_teacher is {weight_of_teacher:g}, but {len(lacking)} of {len(pool)} rows have no "
                f"label of their own, {lacking[0]} for one; for those it must be 1"
            )
        own[np.arange(len(pool)), pool.target] = 1.0
    soft = (1 - weight_of_teacher) * own + weight_of_teacher * said
    return replace(pool, soft=soft.astype(np.float32), target=np.full(len(pool), -1, dtype=np.int64))


def probabilities(teacher: Trained, samples: Samples) -> Float32[np.ndarray, "rows classes"]:
    """What the members of a trained recipe say, the mean of their probabilities; rows sum to 1."""
    table = teacher.table(samples)
    alone: Sequence[Trained] = [replace(teacher, members=[member]) for member in teacher.members]
    return np.asarray(np.mean([softmax(one.say(table).logits) for one in alone], axis=0), dtype=np.float32)
