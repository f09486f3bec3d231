"""From a recipe and a collection to all that its folds need: tree, arrays, split, rows of other data sets."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from heterophony.clips import Clip, Split, read_split
from heterophony.clips.source import source_of
from heterophony.errors import InputError
from heterophony.recipes.collection import Sources
from heterophony.recipes.cross_validate import make_split
from heterophony.recipes.extra import extra_samples
from heterophony.recipes.finetune import open_tuning
from heterophony.recipes.fold import Task
from heterophony.recipes.inputs import stacked
from heterophony.recipes.joint_rows import open_joining
from heterophony.recipes.pseudo_labels import part_unlabelled
from heterophony.recipes.samples import Samples, dims_of, refuse_unlabelled, samples_of
from heterophony.recipes.spec import Recipe
from heterophony.store import Embedded
from heterophony.taxonomy import TAXONOMIES, Taxonomy, from_pairs, read_taxonomy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """All that the folds of a run need.

    Attributes:
        task: Recipe, tree, sizes.
        samples: The rows that are parted into folds.
        split: The folds.
        extra: Rows of other data sets and, where the recipe takes them, rows without label; None if there are none.
        refused: Clips that could not be used, those of other data sets last, with the reason.
        incomplete: Ids of the clips that lack a modality, where the recipe wants complete rows only.
        origins: The recording that each of the samples was cut from, as far as it is known (`clips.source`).
    """

    task: Task
    samples: Samples
    split: Split
    extra: Samples | None
    refused: Sequence[Embedded]
    incomplete: Sequence[str]
    origins: Sequence[str]

    def with_seed(self, seed: int) -> "Prepared":
        """The same with another seed of the recipe; the folds stay."""
        recipe = self.task.recipe.model_copy(update={"seed": seed})
        return replace(self, task=replace(self.task, recipe=recipe))

    @property
    def content(self) -> str:
        """SHA-256 over ids, labels, vectors and folds, 64 hex digits: what was trained on."""
        digest = hashlib.sha256()
        for samples in (self.samples, self.extra) if self.extra is not None else (self.samples,):
            digest.update("\n".join([*samples.ids, *samples.texts, *samples.sources]).encode())
            for array in (samples.target, samples.confidence, *samples.vectors.values(), *samples.present.values()):
                digest.update(array.tobytes())
        digest.update(self.split.fold.tobytes())
        for trained_on in (self.task.tuning, self.task.joining):
            if trained_on is not None:
                digest.update(trained_on.digest)
        return digest.hexdigest()


def prepare(recipe: Recipe, sources: Sources, split: Path | None = None) -> Prepared:
    """Embeds, labels and parts a collection as a recipe wants it.

    Args:
        recipe: How.
        sources: The collection and what is beside it.
        split: A file that `write_split` wrote, which is then read; None parts it as the recipe says.

    Raises:
        ConfigError: The recipe trains on a data set that is not given.
        InputError: A clip has no label that `pseudo` does not take, nothing can be used, or the folds cannot be made.
        AlignmentError: The split is of other clips.
    """
    taxonomy = taxonomy_of(recipe, sources.own.found.clips)
    opened = open_joining(recipe, sources)
    embedded, joining = (sources.embedded(recipe), None) if opened is None else (opened.own, opened.joining)
    usable = [one for one in embedded if one.status != "refused"]
    names = tuple(recipe.modalities)
    dims = dims_of(usable, names)
    whole = [one for one in usable if all(name in one.vectors for name in names)] if recipe.rows.complete else usable
    if not whole:
        raise InputError(f"none of {len(usable)} clips has all of {', '.join(names)}; set rows.complete to false")
    more = (recipe.rows.complete, taxonomy.classes, joining and tuple(joining.rows))
    arrays = sources.arrays(recipe, "", more, lambda: samples_of(whole, dims, taxonomy))
    samples, bare = part_unlabelled(recipe, arrays)
    refuse_unlabelled(samples)
    tuning = open_tuning(recipe, whole, sources.work.limits)
    folds = [one.clip.fold for one in whole if one.clip.label is not None]
    kept = {one.clip.id: source_of(one.clip) for one in whole}
    extra, refused = extra_samples(recipe, sources, dims, taxonomy, None if opened is None else opened.extras)
    if tuning is not None:
        samples = tuning.numbered(samples)
    if joining is not None:
        samples, extra = joining.numbered(samples), extra and joining.numbered(extra)
    sizes = {**dims, **({} if joining is None else joining.dims)}
    return Prepared(
        task=Task(recipe=recipe, taxonomy=taxonomy, dims=sizes, tuning=tuning, joining=joining),
        samples=samples,
        split=make_split(recipe.split, samples, folds) if split is None else read_split(split, samples.ids),
        extra=_together(extra, bare),
        refused=[*(one for one in embedded if one.status == "refused"), *refused],
        incomplete=[one.clip.id for one in usable if one.clip.id not in kept],
        origins=[kept[key] for key in samples.ids],
    )


def _together(some: Samples | None, more: Samples | None) -> Samples | None:
    if some is None or more is None:
        return more if some is None else some
    return stacked(some, more)


def taxonomy_of(recipe: Recipe, clips: Sequence[Clip]) -> Taxonomy:
    """The tree that the recipe names, or the one that the labels of the manifest make.

    Raises:
        InputError: There is no such tree, or no label.
    """
    if recipe.taxonomy in TAXONOMIES:
        return TAXONOMIES[recipe.taxonomy]
    if recipe.taxonomy:
        return read_taxonomy(Path(recipe.taxonomy))
    labelled = [clip for clip in clips if clip.label is not None]
    if not labelled:
        raise InputError(f"none of the {len(clips)} clips has a label; training needs a column `label` (or `class`)")
    tops = [clip.label_top for clip in labelled]
    known = [top for top in tops if top is not None]
    if known and len(known) < len(tops):
        lacking = next(clip.id for clip in labelled if clip.label_top is None)
        raise InputError(f"{len(tops) - len(known)} clips have a label but no label_top, {lacking} for one; fill it in")
    return from_pairs(recipe.name, [clip.label or "" for clip in labelled], known or None)
