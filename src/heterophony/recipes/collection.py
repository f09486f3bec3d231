"""What a run is made of: a collection, other data sets beside it, the vectors that came with them or are made."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from heterophony.clips import Clip, Found, join_words, read_collection, segments
from heterophony.errors import ConfigError, InputError
from heterophony.media import Limits
from heterophony.recipes.complaints import complaints, nearest
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Modality, Recipe
from heterophony.store import Embedded, Store, embed_clips
from heterophony.store.encoder_specs import GIVEN
from heterophony.store.given import Given, read_given

WHICH_ROWS = {"labels", "classes", "words"}
"""What a recipe says of another data set that decides its rows; the rest decides how they are used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How vectors that are not given are made.

    Attributes:
        store: Where they are kept; None keeps none.
        workers: Processes that decode and encode; 0 works in this one.
        limits: Of each file.
        engine: Where; see `store.embed_clips`.
        progress: Called with (done, all).
    """

    store: Store | None = None
    workers: int = 0
    limits: Limits | None = None
    engine: str = "local"
    progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Collection:
    """Clips, and where vectors of them lie.

    Attributes:
        found: The clips in the order of their table (folds depend on it), and what was left out.
        folder: Of the data set; its `features/` may hold vectors. None for a manifest.
        features: Modality to `PATH[:KEY]` of vectors that the user gave; these count first.
    """

    found: Found
    folder: Path | None = None
    features: Mapping[str, str] = field(default_factory=dict)

    def given(self, recipe: Recipe) -> dict[str, Given]:
        """Modality to the vectors that need no encoder; of segments, where the recipe cuts the clips.

        Raises:
            InputError: They cannot be read, or are of other clips.
        """
        ids = [clip.id for clip in rows_of(self.found.clips, recipe)]
        given = {name: read_given(source, ids) for name, source in self.features.items() if name in recipe.modalities}
        if self.folder is None:
            return given
        for name, spec in recipe.modalities.items():
            own = self.folder / "features" / spec.features
            if name not in given and spec.features and own.is_dir():
                given[name] = read_given(str(own), ids)
        return given


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sources:
    """All that runs are made of. What was made once is kept for the next recipe that asks for the same.

    Attributes:
        own: The collection that is parted into folds.
        extras: Name to data set whose rows may enter training folds.
        work: How vectors are made.
    """

    own: Collection
    extras: Mapping[str, Collection] = field(default_factory=dict)
    work: Work = Work()
    _known: dict[str, list[Embedded]] = field(default_factory=dict, init=False)
    _arrays: dict[str, Samples] = field(default_factory=dict, init=False)

    @classmethod
    def of(cls, clips: Sequence[Clip], work: Work | None = None) -> "Sources":
        """Just these clips."""
        return cls(own=Collection(found=Found(tuple(clips))), work=work or Work())

    def embedded(self, recipe: Recipe) -> list[Embedded]:
        """The clips of the collection with the vectors that the recipe asks for."""
        return self._of(recipe, "", self.own, self.own.found.clips)

    def embedded_extra(self, recipe: Recipe, name: str, clips: Sequence[Clip]) -> list[Embedded]:
        """Likewise those `clips` of the data set `name` that the recipe takes; no words where it says so."""
        if recipe.extra[name].wordless:
            others = {key: spec for key, spec in recipe.modalities.items() if key != "words"}
            recipe = recipe.model_copy(update={"modalities": others})
        return self._of(recipe, name, self.extras[name], clips)

    def arrays(self, recipe: Recipe, name: str, more: object, make: Callable[[], Samples]) -> Samples:
        """The rows of the data set `name` ("": the collection) as arrays, which recipes that ask for the same share.

        Args:
            recipe: Which modalities and rows it takes decides.
            name: Of the data set.
            more: What else decides.
            make: Makes them where they are not there yet.
        """
        what = f"{_how(recipe, name)} {more}"
        if what not in self._arrays:
            self._arrays[what] = make()
        return self._arrays[what]

    def _of(self, recipe: Recipe, name: str, collection: Collection, clips: Sequence[Clip]) -> list[Embedded]:
        how = _how(recipe, name)
        if how not in self._known:
            self._known[how] = _embedded(name, collection, rows_of(clips, recipe), recipe, self.work)
        return self._known[how]


def rows_of(clips: Sequence[Clip], recipe: Recipe) -> Sequence[Clip]:
    """What the rows of a recipe are: the clips, or their segments."""
    cut = recipe.rows.segments
    return clips if cut is None else segments(clips, cut.seconds, cut.count)


def _how(recipe: Recipe, name: str) -> str:
    """What of a recipe decides the vectors and rows of a data set."""
    asked = {key: spec.model_dump() for key, spec in recipe.modalities.items()}
    rows = recipe.extra[name].model_dump(include=WHICH_ROWS) if name else None
    cut = recipe.rows.segments
    return json.dumps([name, asked, recipe.words_from, rows, None if cut is None else (cut.seconds, cut.count)])


def read_sources(
    data: Found, folder: Path, extras: Mapping[str, Path], features: Mapping[str, str], work: Work
) -> Sources:
    """What the options of a command name.

    Args:
        data: The collection.
        folder: Its path; a file has no `features/` beside it.
        extras: Name to manifest or folder of another data set.
        features: `MODALITY`, or `MODALITY@NAME` for the data set `NAME`, to `PATH[:KEY]`.
        work: How vectors are made.

    Raises:
        ConfigError: Features of a data set that is not given.
        InputError: A data set cannot be read.
    """
    for key in features:
        name = key.partition("@")[2]
        if name and name not in extras:
            raise ConfigError(f"--features {key}=...: no --extra {name}=...; {nearest(name, list(extras) or ['none'])}")
    others = {
        name: _collection(read_collection(path), path, _for(features, f"@{name}")) for name, path in extras.items()
    }
    own = {key: source for key, source in features.items() if "@" not in key}
    return Sources(own=_collection(data, folder, own), extras=others, work=work)


def refuse_other_modalities(recipe: Recipe, features: Mapping[str, str]) -> None:
    """Refuses vectors of a modality that the recipe does not have.

    Raises:
        ConfigError: Names the nearest.
    """
    for key in features:
        if key.partition("@")[0] not in recipe.modalities and not recipe.any_modalities:
            near = nearest(key, list(recipe.modalities))
            raise ConfigError(f"--features {key}=...: recipe {recipe.name} has no such modality; {near}")


def with_given(recipe: Recipe, features: Mapping[str, str]) -> Recipe:
    """The recipe with `given:<file>` for the encoders of what `--features` names: no recording will have these.

    Where the recipe is one for any modalities, and others than its own are named, those that are named are all it has.

    Raises:
        ConfigError: Its model takes no such modalities.
    """
    own = {key.partition("@")[0] for key in features}
    if own <= set(recipe.modalities) or not recipe.any_modalities:
        modalities = dict(recipe.modalities)
    else:
        modalities = {key: Modality(encoder=GIVEN) for key in features if "@" not in key}
    named = {
        name: spec.model_copy(update={"encoder": f"{GIVEN}:{Path(features[name]).name}"}) if name in features else spec
        for name, spec in modalities.items()
    }
    try:
        return Recipe.model_validate(recipe.model_copy(update={"modalities": named}).model_dump())
    except ValidationError as error:
        raise ConfigError(f"recipe {recipe.name} with --features:\n" + "\n".join(complaints(error, Recipe))) from error


def _for(features: Mapping[str, str], suffix: str) -> dict[str, str]:
    return {key.removesuffix(suffix): source for key, source in features.items() if key.endswith(suffix)}


def _collection(found: Found, path: Path, features: Mapping[str, str]) -> Collection:
    return Collection(found=found, folder=path if path.is_dir() else None, features=features)


def _embedded(name: str, collection: Collection, clips: Sequence[Clip], recipe: Recipe, work: Work) -> list[Embedded]:
    """Every clip with its vectors: the given ones as they are, the others by the recipe's encoders.

    Raises:
        InputError: Vectors were given for the collection and not for the data set `name`.
    """
    given = collection.given(recipe)
    encoders = {key: spec.encoder for key, spec in recipe.modalities.items() if key not in given}
    for key, encoder in encoders.items():
        what, _, file = encoder.partition(":")
        if what == GIVEN:
            raise InputError(
                f"--extra {name}: {key} was given for the collection ({file}), so nothing here "
                f"can make it for {name}; give --features {key}@{name}=PATH as well"
            )
    if not encoders:
        return [_merged(clip, None, given) for clip in clips]
    made = embed_clips(
        clips,
        encoders,
        work.store,
        workers=work.workers,
        limits=work.limits,
        words=recipe.words_from,
        engine=work.engine,
        progress=work.progress,
    )
    return [_merged(one.clip, one, given) for one in made]


def _merged(clip: Clip, made: Embedded | None, given: Mapping[str, Given]) -> Embedded:
    """A clip with what was made of it and what was given for it; what could not be made is told, not hidden."""
    text = join_words(clip.title, clip.tags, clip.description) if "words" in given else ""
    vectors = {name: vector for name, one in given.items() if (vector := one.get(clip.id)) is not None}
    if made is None:
        reason = "" if vectors else f"{clip.id}: no vector in {', '.join(one.where for one in given.values())}"
        return Embedded(clip, "ok" if vectors else "refused", reason, vectors, text, clip.title or "", 0.0)
    text = text or made.words
    if made.status == "refused" and vectors:
        return replace(made, status="partial", vectors=vectors, words=text)
    return replace(made, vectors={**made.vectors, **vectors}, words=text)
