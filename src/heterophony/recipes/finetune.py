"""Fine-tuning: the encoder of one modality is trained together with the network, anew from its weights in every fold.

The rows of that modality are numbers of recordings (`Samples.vectors`, int64 `[rows, 1]`), so that folds, borrowed rows
and predictions are made as ever; `models.EndToEnd` makes vectors of them. What fold k's encoder has learned comes from
fold k's training rows, and from its validation rows the epoch, only.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from heterophony.augment import Augmentation
from heterophony.batches import Batch
from heterophony.encoders.clap import Clap
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torch_sound import TorchSound
from heterophony.encoders.trainable import network_of, trainable_encoder
from heterophony.errors import ConfigError, InputError
from heterophony.media import Limits, Waveforms, read_waveforms
from heterophony.models import Encode, EndToEnd, Hearing
from heterophony.recipes.build import build_groups
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import FinetuneSpec, Recipe
from heterophony.store import Embedded
from heterophony.training import FitSettings, Group

GIB = 2**30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tuning:
    """All that every fold needs to train the encoder.

    Attributes:
        recipe: Has `finetune`.
        encoder: As published.
        pooling: What is done with the vectors of several windows.
        dim: Numbers of a pooled vector.
        waveforms: The recordings of all rows.
        number: Id of a clip to the number of its recording.
    """

    recipe: Recipe
    encoder: TorchSound | Clap
    pooling: str
    dim: int
    waveforms: Waveforms
    number: Mapping[str, int]

    @property
    def spec(self) -> FinetuneSpec:
        """What the recipe says of it."""
        assert self.recipe.finetune is not None
        return self.recipe.finetune

    @property
    def window(self) -> int:
        """Samples of a crop."""
        return round(self.spec.seconds * self.encoder.rate_hz)

    @property
    def digest(self) -> bytes:
        """SHA-256 of all recordings."""
        digest = hashlib.sha256()
        for samples in self.waveforms.samples:
            digest.update(samples.tobytes())
        return digest.digest()

    def numbered(self, samples: Samples) -> Samples:
        """The rows with the numbers of their recordings in place of vectors; -1 where they have none."""
        numbers = np.array([self.number.get(key, -1) for key in samples.ids], dtype=np.int64)[:, None]
        numbers[~samples.present[self.spec.modality]] = -1
        return replace(samples, vectors={**samples.vectors, self.spec.modality: numbers})

    def end_to_end(
        self,
        head: nn.Module,
        ready: Batch,
        held: Batch | None,
        augment: Sequence[Augmentation[Any]],
        settings: FitSettings,
        train: Callable[..., object],
    ) -> tuple[EndToEnd, list[Augmentation[Any]], FitSettings]:
        """The encoder before the network, its crops before the augmentations, its rates before those of the recipe.

        Args:
            head: The network behind the encoder.
            ready: The training rows.
            held: Those that choose the epoch, if any do.
            augment: Of the recipe.
            settings: Of the recipe.
            train: `fit`, but for the model, its tables, augmentations and settings: trains the head first where the
                recipe wants it, on the vectors of the encoder as published (Kumar et al., Fine-Tuning can Distort
                Pretrained Features and Underperform Out-of-Distribution, ICLR 2022: probe, then fine-tune).
        """
        spec = self.spec
        hearing = Hearing(
            recordings=self.waveforms,
            prepare=self.encoder.prepare,
            window=self.window,
            pooling=self.pooling,
            dim=self.dim,
        )
        model = EndToEnd(network_of(self.encoder), head, spec.modality, hearing)
        model = model.to(next(head.parameters()).device).eval()
        if spec.head_first:
            heard = None if held is None else model.heard(held)
            train(head, model.heard(ready), heard, augment=augment, settings=head_settings(spec, settings))
        encode = Encode(model=model, precision=settings.precision)
        return model, [encode, *augment], replace(settings, groups=all_groups(spec, settings))


def head_settings(spec: FinetuneSpec, settings: FitSettings) -> FitSettings:
    """The numbers of the first stage: the head's rate throughout, as many rows a step as in the second."""
    return replace(
        settings,
        epochs=spec.head_first,
        batch=settings.batch * settings.accumulate,
        accumulate=1,
        lr=settings.lr if spec.head_lr is None else spec.head_lr,
        weight_decay=settings.weight_decay if spec.head_weight_decay is None else spec.head_weight_decay,
        schedule="constant",
    )


def all_groups(spec: FinetuneSpec, settings: FitSettings) -> tuple[Group, ...]:
    """Those of the encoder, those that the recipe has for the network, and the rest of the network."""
    return (
        *build_groups(spec.groups, "encoder."),
        *(replace(group, match=f"head.{group.match}") for group in settings.groups),
        Group(match="head", lr=spec.head_lr, weight_decay=spec.head_weight_decay),
    )


def open_tuning(recipe: Recipe, embedded: Sequence[Embedded], limits: Limits | None = None) -> Tuning | None:
    """Decodes the recordings that a recipe fine-tunes its encoder on; None if it does not fine-tune.

    Args:
        recipe: How to train.
        embedded: All clips that are used, with the vectors of the encoder as published.
        limits: Of each file.

    Raises:
        ConfigError: The encoder cannot be trained, or the crops are longer than its windows.
        InputError: Ids come twice, or the recordings take too much memory.
        MediaError: A recording cannot be decoded.
        ModelError: The weights of the encoder are not here.
    """
    spec = recipe.finetune
    if spec is None:
        return None
    name, _, pooling = recipe.modalities[spec.modality].encoder.partition(":")
    encoder = trainable_encoder(name)
    if isinstance(encoder, TorchPictures) or encoder.channels != 1:
        takes = "looks at frames" if isinstance(encoder, TorchPictures) else "hears left and right"
        raise ConfigError(f"finetune: encoder {name!r} {takes}, wanted is sound of one channel; use joint instead")
    longest = encoder.window / encoder.rate_hz
    if not encoder.shortest / encoder.rate_hz <= spec.seconds <= longest:
        raise ConfigError(
            f"finetune.seconds is {spec.seconds:g}; {name} takes windows of "
            f"{encoder.shortest / encoder.rate_hz:g} to {longest:g} s"
        )
    heard = [one for one in embedded if spec.modality in one.vectors]
    ids = [one.clip.id for one in heard]
    if len(set(ids)) < len(ids):
        twice = next(key for key in ids if ids.count(key) > 1)
        raise InputError(f"id {twice!r} comes twice; to be fine-tuned on, each clip needs an id of its own")
    paths, stretches = zip(*((one.clip.path, one.clip.stretch) for one in heard if one.clip.path), strict=True)
    return Tuning(
        recipe=recipe,
        encoder=encoder,
        pooling=pooling or encoder.pooling,
        dim=len(heard[0].vectors[spec.modality]),
        waveforms=read_waveforms(paths, encoder.rate_hz, limits, round(spec.memory_gib * GIB), stretches),
        number={key: number for number, key in enumerate(ids)},
    )
