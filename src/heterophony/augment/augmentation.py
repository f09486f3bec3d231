"""What an augmentation is: chance drawn apart from being applied."""

from typing import Protocol, TypeVar, runtime_checkable

import torch

from heterophony.batches import Batch

X = TypeVar("X")
Params = TypeVar("Params")


@runtime_checkable
class Perturbation(Protocol[X, Params]):
    """The signature that all parts of this room share: `apply(x, draw(x, generator))`.

    X is a whole batch (see `Augmentation`), or what one comes from, before any encoder:

    * a waveform, float32 `[channels, samples]`, full scale ±1: `WAVEFORM_AUGMENTATIONS`;
    * spectrograms, `[batch, channels, bins, frames]`: `SPECTROGRAM_AUGMENTATIONS`;
    * the pictures of one clip, uint8 `[frames, height, width, 3]`: `PICTURE_AUGMENTATIONS`.

    What comes out has the shape and type of what went in.
    """

    def draw(self, x: X, generator: torch.Generator) -> Params:
        """Draws; uses the generator and nothing else."""
        ...

    def apply(self, x: X, params: Params) -> X:
        """A changed copy; the given one stays as it is. Deterministic."""
        ...


@runtime_checkable
class Augmentation(Protocol[Params]):
    """A perturbation of whole batches, targets included: `apply(batch, draw(batch, generator))`.

    `draw` uses the generator and nothing else; `apply` is deterministic, so what was drawn can be logged and replayed.
    """

    def draw(self, batch: Batch, generator: torch.Generator) -> Params:
        """Draws for each sample of the batch."""
        ...

    def apply(self, batch: Batch, params: Params) -> Batch:
        """A changed copy of the batch; the given one stays as it is."""
        ...


def augmented(batch: Batch, augmentation: Augmentation[Params], generator: torch.Generator) -> Batch:
    """Draws and applies."""
    return augmentation.apply(batch, augmentation.draw(batch, generator))


def perturbed(x: X, perturbation: Perturbation[X, Params], generator: torch.Generator) -> X:
    """Draws and applies."""
    return perturbation.apply(x, perturbation.draw(x, generator))
