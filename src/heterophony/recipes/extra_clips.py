"""Clips of other data sets that may be trained on beside a collection."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from heterophony.clips import Clip, external_clips, read_label_map
from heterophony.errors import ConfigError, InputError
from heterophony.recipes.collection import Sources
from heterophony.recipes.copy_ids import parents_of
from heterophony.recipes.spec import ExtraSpec, Recipe


def extra_clips(recipe: Recipe, sources: Sources) -> Mapping[str, Sequence[Clip]]:
    """The clips of each data set that `recipe.extra` names, in that order, labelled as it says.

    Sounds that the collection has itself (by Freesound id or id) are left out, whatever fold they are in.

    Raises:
        ConfigError: A data set that the recipe names is not given.
        InputError: What is said to be copies is of other clips.
    """
    refuse_lacking(recipe, list(sources.extras))
    own = sources.own.found.clips
    known, ids = {clip.columns.get("freesound_id") or clip.id for clip in own}, {clip.id for clip in own}
    taken = {}
    for name, spec in recipe.extra.items():
        taken[name] = _labelled(spec, sources.extras[name].found.clips, known)
        if spec.copies:
            _refuse_other_than_copies(recipe, name, taken[name], ids)
    return taken


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


def _refuse_other_than_copies(recipe: Recipe, name: str, clips: Sequence[Clip], own: set[str]) -> None:
    if recipe.pseudo is not None and name in recipe.pseudo.of:
        raise ConfigError(f"extra.{name}: copies have the labels of their clips; leave them out of pseudo.of")
    strange = [clip.id for clip in clips if not (parents := parents_of(clip.id)) or not own.issuperset(parents)]
    if strange:
        raise InputError(
            f"--extra {name}: {len(strange)} of {len(clips)} rows are no copies of clips of the collection: "
            f"{', '.join(strange[:8])}; make them of it with `heterophony augment`, or leave out `copies`"
        )
