"""Rows of other data sets, which only ever enter training folds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from jaxtyping import Int

from heterophony.clips import clip_of, equalise
from heterophony.errors import InputError
from heterophony.recipes.collection import Sources
from heterophony.recipes.copy_ids import parents_of
from heterophony.recipes.extra_clips import extra_clips
from heterophony.recipes.inputs import stacked
from heterophony.recipes.samples import Samples, refuse_unlabelled, samples_of
from heterophony.recipes.spec import Recipe
from heterophony.store import Embedded
from heterophony.taxonomy import Taxonomy


def extra_samples(
    recipe: Recipe,
    sources: Sources,
    dims: Mapping[str, int],
    taxonomy: Taxonomy,
    numbered: Mapping[str, Sequence[Embedded]] | None = None,
) -> tuple[Samples | None, list[Embedded]]:
    """The rows of all data sets that `recipe.extra` names, None if there are none; and the clips that cannot be used.

    Args:
        recipe: Says which, and how they are labelled.
        sources: The collection and the data sets.
        dims: Modality to size of embedding.
        taxonomy: The classes.
        numbered: The rows of each data set where the recipe trains its encoders (see `joint_rows`); None: the recipe's
            encoders, or vectors that were given, make them.

    Raises:
        ConfigError: A data set that the recipe names is not given.
        InputError: A label is unknown or not there, a vector has another size than those of the collection, no clip
            of a data set can be used, or what is said to be copies is of other clips.
    """
    together: Samples | None = None
    refused: list[Embedded] = []
    for name, clips in extra_clips(recipe, sources).items():
        if not clips:
            continue
        embedded = sources.embedded_extra(recipe, name, clips) if numbered is None else numbered[name]
        ready = [one for one in embedded if one.status != "refused"]
        bad = [one for one in embedded if one.status == "refused"]
        if not ready:
            raise InputError(f"--extra {name}: none of {len(bad)} clips can be used; {bad[0].reason}")
        refused += bad
        tree = None if _needs_no_label(recipe, name) else taxonomy
        make = partial(_samples, ready, dims, tree, name)
        samples = make() if numbered else sources.arrays(recipe, name, tree and tree.classes, make)
        together = samples if together is None else stacked(together, samples)
    return together, refused


def _samples(ready: Sequence[Embedded], dims: Mapping[str, int], tree: Taxonomy | None, name: str) -> Samples:
    """The rows of one data set, with its name; each has a label unless a teacher gives it."""
    samples = samples_of(ready, dims, tree)
    if tree is not None:
        refuse_unlabelled(samples)
    return replace(samples, sources=(name,) * len(samples))


def _needs_no_label(recipe: Recipe, name: str) -> bool:
    """True where the rows get labels from a teacher alone: their own may then be of any tree, or not there."""
    pseudo = recipe.pseudo
    return pseudo is not None and name in pseudo.of and pseudo.weight_of_teacher == 1


def with_extra(recipe: Recipe, train: Samples, extra: Samples | None) -> Samples:
    """The training rows, then those that enter beside them: all of a data set, or draws that equalise the classes.

    Of copies, those that were made of nothing but training rows; where clips are cut into segments, of clips that have
    a training row. Rows that a recipe takes for pseudo-labels are left to
    that (see `pseudo_labels`).
    """
    if extra is None:
        return train
    for name, spec in recipe.extra.items():
        if recipe.pseudo is not None and name in recipe.pseudo.of:
            continue
        rows = _rows_of(extra, name)
        if spec.copies:
            rows = _of_training_rows(recipe, extra, rows, train)
        if spec.equalise is not None:
            own = train.target[_rows_of(train, "")]
            rows = rows[equalise(own, extra.target[rows], spec.equalise, spec.factor)]
        train = stacked(train, extra.take(rows))
    return train


def _of_training_rows(
    recipe: Recipe, extra: Samples, rows: Int[np.ndarray, " _"], train: Samples
) -> Int[np.ndarray, " kept"]:
    """Those of some rows that are copies of nothing but training rows; segments of copies, of clips that are cut."""
    clip = str if recipe.rows.segments is None else clip_of
    taught = frozenset(clip(name) for name in train.ids)
    made_of = [parents_of(clip(extra.ids[row])) for row in rows]
    return rows[np.array([bool(some) and taught.issuperset(some) for some in made_of], dtype=np.bool_)]


def _rows_of(samples: Samples, source: str) -> Int[np.ndarray, " rows"]:
    return np.flatnonzero(np.array([one == source for one in samples.sources], dtype=np.bool_))
