"""Rows of other data sets, which only ever enter training folds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from jaxtyping import Int

from heterophony.clips import Clip, equalise, external_clips, read_label_map
from heterophony.errors import ConfigError, InputError
from heterophony.recipes.collection import Sources
from heterophony.recipes.copy_ids import parents_of
from heterophony.recipes.inputs import stacked
from heterophony.recipes.samples import Samples, refuse_unlabelled, samples_of
from heterophony.recipes.spec import ExtraSpec, Recipe
from heterophony.store import Embedded
from heterophony.taxonomy import Taxonomy


def extra_samples(
    recipe: Recipe, sources: Sources, dims: Mapping[str, int], taxonomy: Taxonomy
) -> tuple[Samples | None, list[Embedded]]:
    """The rows of all data sets that `recipe.extra` names, None if there are none; and the clips that cannot be used.

    Sounds that the collection has itself (by Freesound id or id) are left out, whatever fold they are in.

    Args:
        recipe: Says which, and how they are labelled.
        sources: The collection and the data sets.
        dims: Modality to size of embedding.
        taxonomy: The classes.

    Raises:
        ConfigError: A data set that the recipe names is not given.
        InputError: A label is unknown or not there, a vector has another size than those of the collection, no clip
            of a data set can be used, or what is said to be copies is of other clips.
    """
    refuse_lacking(recipe, list(sources.extras))
    known = {clip.columns.get("freesound_id") or clip.id for clip in sources.own.found.clips}
    together: Samples | None = None
    refused: list[Embedded] = []
    for name, spec in recipe.extra.items():
        clips = _labelled(spec, sources.extras[name].found.clips, known)
        if spec.copies:
            _refuse_other_than_copies(recipe, name, clips, {clip.id for clip in sources.own.found.clips})
        if not clips:
            continue
        embedded = sources.embedded_extra(recipe, name, clips)
        ready = [one for one in embedded if one.status != "refused"]
        bad = [one for one in embedded if one.status == "refused"]
        if not ready:
            raise InputError(f"--extra {name}: none of {len(bad)} clips can be used; {bad[0].reason}")
        refused += bad
        tree = None if _needs_no_label(recipe, name) else taxonomy
        make = partial(_samples, ready, dims, tree, name)
        samples = sources.arrays(recipe, name, tree and tree.classes, make)
        together = samples if together is None else stacked(together, samples)
    return together, refused


def _samples(ready: Sequence[Embedded], dims: Mapping[str, int], tree: Taxonomy | None, name: str) -> Samples:
    """The rows of one data set, with its name; each has a label unless a teacher gives it."""
    samples = samples_of(ready, dims, tree)
    if tree is not None:
        refuse_unlabelled(samples)
    return replace(samples, sources=(name,) * len(samples))


def refuse_lacking(recipe: Recipe, given: Sequence[str]) -> None:
    """Refuses to go on without a data set that the recipe trains on.

    Raises:
        ConfigError: Names them.
    """
    lacking = [name for name in recipe.extra if name not in given]
    if lacking:
        raise ConfigError(
            f"recipe {recipe.name} trains on {', '.join(lacking)} as well; give "
            + " ".join(f"--extra {name}=FOLDER" for name in lacking)
        )


def _needs_no_label(recipe: Recipe, name: str) -> bool:
    """True where the rows get labels from a teacher alone: their own may then be of any tree, or not there."""
    pseudo = recipe.pseudo
    return pseudo is not None and name in pseudo.of and pseudo.weight_of_teacher == 1


def _labelled(spec: ExtraSpec, clips: Sequence[Clip], known: set[str]) -> list[Clip]:
    """Clips with labels of the recipe's tree, without those that are known already."""
    if spec.labels:
        words = spec.words or "none"
        return list(external_clips(clips, read_label_map(spec.labels), known, classes=spec.classes, words=words).clips)
    if spec.words == "phrase":
        raise ConfigError("extra: words: phrase is for data sets whose labels are mapped; give `labels`")
    fresh = [clip for clip in clips if (clip.columns.get("freesound_id") or clip.id) not in known]
    kept = [clip for clip in fresh if not spec.classes or clip.label in spec.classes]
    if spec.wordless:
        return [replace(clip, title=None, tags=None, description=None) for clip in kept]
    return kept


def with_extra(recipe: Recipe, train: Samples, extra: Samples | None) -> Samples:
    """The training rows, then those that enter beside them: all of a data set, or draws that equalise the classes.

    Of copies, those that were made of nothing but training rows. Rows that a recipe takes for pseudo-labels are left to
    that (see `pseudo_labels`).
    """
    if extra is None:
        return train
    for name, spec in recipe.extra.items():
        if recipe.pseudo is not None and name in recipe.pseudo.of:
            continue
        rows = _rows_of(extra, name)
        if spec.copies:
            rows = _of_training_rows(extra, rows, frozenset(train.ids))
        if spec.equalise is not None:
            own = train.target[_rows_of(train, "")]
            rows = rows[equalise(own, extra.target[rows], spec.equalise, spec.factor)]
        train = stacked(train, extra.take(rows))
    return train


def _refuse_other_than_copies(recipe: Recipe, name: str, clips: Sequence[Clip], own: set[str]) -> None:
    if recipe.pseudo is not None and name in recipe.pseudo.of:
        raise ConfigError(f"extra.{name}: copies have the labels of their clips; leave them out of pseudo.of")
    strange = [clip.id for clip in clips if not (parents := parents_of(clip.id)) or not own.issuperset(parents)]
    if strange:
        raise InputError(
            f"--extra {name}: {len(strange)} of {len(clips)} rows are no copies of clips of the collection: "
            f"{', '.join(strange[:8])}; make them of it with `heterophony augment`, or leave out `copies`"
        )


def _of_training_rows(extra: Samples, rows: Int[np.ndarray, " _"], train: frozenset[str]) -> Int[np.ndarray, " kept"]:
    """Those of some rows that are copies of nothing but training rows."""
    return rows[np.array([train.issuperset(parents_of(extra.ids[row])) for row in rows], dtype=np.bool_)]


def _rows_of(samples: Samples, source: str) -> Int[np.ndarray, " rows"]:
    return np.flatnonzero(np.array([one == source for one in samples.sources], dtype=np.bool_))
