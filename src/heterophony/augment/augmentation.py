"""What an augmentation is: chance drawn apart from being applied."""

from typing import Protocol, TypeVar, runtime_checkable

import torch

from heterophony.batches import Batch

Params = TypeVar("Params")


@runtime_checkable
class Augmentation(Protocol[Params]):
    """The signature that all augmentations share: `apply(batch, draw(batch, generator))`.

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
