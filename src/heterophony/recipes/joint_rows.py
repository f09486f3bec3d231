"""What encoders are trained jointly on: every row decoded once, and kept on the disk."""

import hashlib
from collections.abc import Mapping, Sequence
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
from heterophony.recipes.joint import Joining, branch_encoder
from heterophony.recipes.spec import Recipe
from heterophony.recipes.spec.joint import is_trained
from heterophony.store import Embedded


def open_joining(recipe: Recipe, sources: Sources) -> tuple[list[Embedded], Joining] | None:
    """Decodes what a recipe trains its encoders on; None if it does not.

    Returns:
        Every clip, with the number of its decoded row in place of the vector of a trained modality, and with the
        vectors of the others; and what the folds need.

    Raises:
        ConfigError: An encoder cannot be trained.
        ModelError: The published weights that it starts from are not here.
        InputError: The decoded rows do not fit the disk.
    """
    if recipe.joint is None:
        return None
    encoders = {name: branch_encoder(recipe, name, branch) for name, branch in recipe.joint.branches.items()}
    clips = rows_of(sources.own.found.clips, recipe)
    decoded = _decoded(clips, _wanted(encoders), sources)
    rows = {name: _rows(decoded, recipe, name, encoder) for name, encoder in encoders.items()}
    others = {name: spec for name, spec in recipe.modalities.items() if name not in encoders}
    beside = _beside(recipe, sources, others)
    whole = [_numbered(clip, row, decoded, encoders, beside) for row, clip in enumerate(clips)]
    return whole, Joining(recipe=recipe, rows=rows, decoded=decoded)


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
    what = hashlib.sha256(repr((wanted, items)).encode()).hexdigest()[:16]
    folder = Path(_passing()) / what if work.store is None else work.store.folder / "decoded" / what
    return decode(items, wanted, folder, limits=work.limits, workers=work.workers, progress=work.progress)


_PASSING: list[TemporaryDirectory[str]] = []
"""The folder of rows that no store keeps; removed at the end of the process."""


def _passing() -> str:
    if not _PASSING:
        _PASSING.append(TemporaryDirectory(prefix="heterophony-"))
    return _PASSING[0].name


def _beside(recipe: Recipe, sources: Sources, others: Mapping[str, Any]) -> Mapping[str, Embedded]:
    """Id to the vectors of the modalities that are not trained."""
    if not others:
        return {}
    plain = recipe.model_copy(update={"modalities": dict(others), "joint": None})
    return {one.clip.id: one for one in sources.embedded(plain)}


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
