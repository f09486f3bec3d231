"""What encoders are trained jointly on: every row decoded once, and kept on the disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from heterophony.clips import Clip
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torch_sound import TorchSound
from heterophony.errors import ConfigError
from heterophony.media import Decoded, Form, Item, Looks, Wanted, decode
from heterophony.models.decoded_rows import PictureRows, Rows, SoundRows
from heterophony.recipes.collection import Sources, rows_of
from heterophony.recipes.extra_clips import extra_clips
from heterophony.recipes.joint import Joining, branch_encoder
from heterophony.recipes.spec import Recipe
from heterophony.recipes.spec.joint import is_trained
from heterophony.store import Embedded


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """What was decoded: every clip, with the number of its decoded row in place of the vector of a trained modality.

    Attributes:
        own: The collection, with the vectors of the modalities that are not trained.
        extras: Name to the rows of each other data set, likewise; their numbers go on where those before them end.
        joining: What the folds need.
    """

    own: list[Embedded]
    extras: Mapping[str, list[Embedded]]
    joining: Joining


def open_joining(recipe: Recipe, sources: Sources) -> Opened | None:
    """Decodes what a recipe trains its encoders on, other data sets too; None if it does not.

    Raises:
        ConfigError: An encoder cannot be trained, a row has no file, or a data set that the recipe names is not given.
        ModelError: The published weights that it starts from are not here.
        InputError: The decoded rows do not fit the disk, or what is said to be copies is of other clips.
    """
    if recipe.joint is None:
        return None
    encoders = {name: branch_encoder(recipe, name, branch) for name, branch in recipe.joint.branches.items()}
    found = {"": sources.own.found.clips, **extra_clips(recipe, sources)}
    clips = {name: rows_of(some, recipe) for name, some in found.items()}
    decoded = _decoded([clip for some in clips.values() for clip in some], _wanted(encoders), sources)
    rows = {name: _rows(decoded, recipe, name, encoder) for name, encoder in encoders.items()}
    others = {name: spec for name, spec in recipe.modalities.items() if name not in encoders}
    number, whole = count(), {}
    for name, some in clips.items():
        beside = _beside(recipe, sources, others, name, found[name])
        whole[name] = [_numbered(clip, next(number), decoded, encoders, beside) for clip in some]
    return Opened(own=whole.pop(""), extras=whole, joining=Joining(recipe=recipe, rows=rows, decoded=decoded))


def _wanted(encoders: Mapping[str, TorchSound | TorchPictures]) -> Wanted:
    sound = next((Form(one.rate_hz, one.channels) for one in encoders.values() if isinstance(one, TorchSound)), None)
    looks = next(
        (Looks(one.times, one.size, one.fit) for one in encoders.values() if isinstance(one, TorchPictures)), None
    )
    return Wanted(sound=sound, looks=looks)


def _rows(decoded: Decoded, recipe: Recipe, name: str, encoder: TorchSound | TorchPictures) -> Rows:
    """As the saved encoder will cut them: a trained one into windows side by side, a published one as ever."""
    if isinstance(encoder, TorchPictures):
        return PictureRows(decoded, encoder)
    assert recipe.joint is not None
    if is_trained(recipe, name, recipe.joint.branches[name]):
        return SoundRows(decoded, encoder, hop=encoder.window, shortest=encoder.window)
    return SoundRows(decoded, encoder, hop=encoder.hop, shortest=encoder.shortest)


def _decoded(clips: Sequence[Clip], wanted: Wanted, sources: Sources) -> Decoded:
    """The rows, in the store, where there is one; else in a folder that goes with this process."""
    items = [Item(clip.path, clip.pictures_path, clip.stretch) for clip in clips if clip.path is not None]
    if len(items) < len(clips):
        bare = next(clip.id for clip in clips if clip.path is None)
        raise ConfigError(f"{bare}: a row without a file; encoders are trained on recordings and pictures")
    work = sources.work
    folder = Path(_passing()) if work.store is None else work.store.folder / "decoded"
    return decode(items, wanted, folder, limits=work.limits, workers=work.workers, progress=work.progress)


_PASSING: list[TemporaryDirectory[str]] = []
"""The folder of rows that no store keeps; removed at the end of the process."""


def _passing() -> str:
    if not _PASSING:
        _PASSING.append(TemporaryDirectory(prefix="heterophony-"))
    return _PASSING[0].name


def _beside(
    recipe: Recipe, sources: Sources, others: Mapping[str, Any], name: str, clips: Sequence[Clip]
) -> Mapping[str, Embedded]:
    """Id to the vectors of the modalities that are not trained, of the data set `name` ("": the collection)."""
    if not others:
        return {}
    plain = recipe.model_copy(update={"modalities": dict(others), "joint": None})
    embedded = sources.embedded_extra(plain, name, clips) if name else sources.embedded(plain)
    return {one.clip.id: one for one in embedded}


def _numbered(
    clip: Clip,
    row: int,
    decoded: Decoded,
    encoders: Mapping[str, object],
    beside: Mapping[str, Embedded],
) -> Embedded:
    """A clip with the number of its row for each modality that it has."""
    there = {"sound": bool(decoded.has_sound[row]), "pictures": bool(decoded.has_pictures[row])}
    vectors = {name: np.array([row], dtype=np.float32) for name in encoders if there[name]}
    other = beside.get(clip.id)
    if other is not None:
        vectors |= dict(other.vectors)
    reason = decoded.reasons[row]
    return Embedded(
        clip,
        "ok" if vectors else "refused",
        "" if vectors else reason or f"{clip.id}: nothing of {' and '.join(encoders)} in it",
        vectors,
        "" if other is None else other.words,
        clip.title or "",
        _sound_seconds(decoded, row),
    )


def _sound_seconds(decoded: Decoded, row: int) -> float:
    sound = decoded.wanted.sound
    return 0.0 if sound is None else decoded.samples(row) / sound.rate_hz
