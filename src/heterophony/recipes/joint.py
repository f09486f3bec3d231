"""Joint training: the encoders of several modalities together with the network, anew in every fold.

The rows of a modality are numbers of decoded rows (`Samples.vectors`, int64 `[rows, 1]`), as those of a fine-tuned one
are; `models.Load` makes features of them in training, `models.Joint` vectors. What fold k's encoders have learned comes
from fold k's training rows, and from its validation rows the epochs, only.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from torch import nn

from heterophony.augment import Augmentation
from heterophony.batches import Batch
from heterophony.clips import Clip
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torch_sound import TorchSound
from heterophony.encoders.trainable import network_of, trainable_encoder
from heterophony.errors import ConfigError
from heterophony.media import Decoded, Form, Item, Looks, Wanted, decode
from heterophony.models import EncodeFeatures, Joint, Load
from heterophony.models.decoded_rows import PictureRows, Rows, SoundRows
from heterophony.recipes.collection import Sources, rows_of
from heterophony.recipes.input_changes import changes_of, of_spectrograms
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import BranchSpec, JointSpec, Recipe
from heterophony.store import Embedded
from heterophony.training import FitSettings, Group

Augmentations = Sequence[Augmentation[Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joining:
    """All that every fold needs to train the encoders.

    Attributes:
        recipe: Has `joint`.
        rows: Modality to decoded rows.
        decoded: All of them.
    """

    recipe: Recipe
    rows: Mapping[str, Rows]
    decoded: Decoded

    @property
    def spec(self) -> JointSpec:
        """What the recipe says of it."""
        assert self.recipe.joint is not None
        return self.recipe.joint

    @property
    def dims(self) -> dict[str, int]:
        """Modality to numbers of a vector."""
        return {name: rows.dim for name, rows in self.rows.items()}

    @property
    def digest(self) -> bytes:
        """SHA-256 of all that was decoded."""
        return self.decoded.digest

    @property
    def trained(self) -> tuple[str, ...]:
        """The modalities whose encoders any stage changes."""
        return tuple(name for name, branch in self.spec.branches.items() if is_trained(self.recipe, name, branch))

    def numbered(self, samples: Samples) -> Samples:
        """The rows with whole numbers; -1 where they lack the modality."""
        vectors = dict(samples.vectors)
        for name in self.rows:
            numbers = vectors[name].astype(np.int64)
            numbers[~samples.present[name]] = -1
            vectors[name] = numbers
        return replace(samples, vectors=vectors)

    def network(self, head: nn.Module) -> Joint:
        """The encoders before the head; weights that are drawn come from torch's generator (`training.seeded`)."""
        encoders = {
            name: network_of(_encoder(self.recipe, name, branch), branch.start)
            for name, branch in self.spec.branches.items()
        }
        return Joint(encoders, head, self.rows)

    def augmentations(
        self, network: Joint, ready: Batch, augment: Augmentations, precision: str
    ) -> tuple[list[Augmentation[Any]], list[Augmentation[Any]]]:
        """What is done to the batches of a stage before the step, and in it.

        Args:
            network: What is trained.
            ready: Its training rows.
            augment: Of the stage.
            precision: Of the step.
        """
        branches = {name: self.spec.branches[name] for name in network.rows}
        changes = {
            name: changes_of(branch.augment, self.rows[name], _alike(ready, name)) for name, branch in branches.items()
        }
        load = Load(rows=network.rows, changes=changes)
        spectrograms = [one for name, branch in branches.items() for one in of_spectrograms(branch.augment, name)]
        if self.spec.level == "input" or not augment:
            return [load, *spectrograms, *augment], []
        return [load, *spectrograms], [EncodeFeatures(model=network, precision=precision), *augment]

    def last(self, settings: FitSettings) -> FitSettings:
        """The numbers of the last stage: the rates of the encoders before those of the recipe."""
        own = tuple(
            Group(match=f"encoders.{name}", lr=branch.lr, weight_decay=branch.weight_decay, frozen=branch.frozen)
            for name, branch in self.spec.branches.items()
            if branch.frozen or branch.lr is not None or branch.weight_decay is not None
        )
        return replace(settings, groups=(*settings.groups, *own))


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
    encoders = {name: _encoder(recipe, name, branch) for name, branch in recipe.joint.branches.items()}
    clips = rows_of(sources.own.found.clips, recipe)
    decoded = _decoded(clips, _wanted(encoders), sources)
    rows = {name: _rows(decoded, recipe, name, encoder) for name, encoder in encoders.items()}
    others = {name: spec for name, spec in recipe.modalities.items() if name not in encoders}
    beside = _beside(recipe, sources, others)
    whole = [_numbered(clip, row, decoded, encoders, beside) for row, clip in enumerate(clips)]
    return whole, Joining(recipe=recipe, rows=rows, decoded=decoded)


def is_trained(recipe: Recipe, name: str, branch: BranchSpec) -> bool:
    """Whether any stage changes the encoder of a modality."""
    return not branch.frozen or branch.start == "scratch" or any(stage.of in ("", name) for stage in recipe.stages)


def _encoder(recipe: Recipe, name: str, branch: BranchSpec) -> TorchSound | TorchPictures:
    encoder = trainable_encoder(recipe.modalities[name].encoder, branch.start)
    if not isinstance(encoder, TorchSound if name == "sound" else TorchPictures):
        raise ConfigError(f"joint.branches.{name}: encoder {encoder.name!r} cannot be trained jointly as {name}")
    return encoder


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


def _alike(ready: Batch, name: str) -> dict[int, list[int]]:
    """Number of a training row to the numbers of those of its class that have the modality."""
    place = ready.modalities.index(name)
    groups: dict[int, list[int]] = defaultdict(list)
    label = ready.target.argmax(dim=1).tolist()
    numbers = [
        (int(n), k)
        for n, k, there in zip(ready.inputs[name][:, 0].tolist(), label, ready.present[:, place].tolist(), strict=True)
        if there
    ]
    for number, one in numbers:
        groups[one].append(number)
    return {number: groups[one] for number, one in numbers}
