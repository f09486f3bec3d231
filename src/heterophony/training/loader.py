"""The batches of an epoch, taken from the training table and prepared while the step before is done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from heterophony.augment import Augmentation, augmented
from heterophony.batches import Batch
from heterophony.training.ahead import ahead


@dataclass(slots=True, kw_only=True)
class Loader:
    """What becomes of a batch before its step.

    Attributes:
        augment: Applied to each batch in this order, by a thread; where there is none, there is no thread.
        generator: Of these augmentations and of nothing else.
        waited: Seconds that steps have waited for batches.
    """

    augment: Sequence[Augmentation[Any]] = ()
    generator: torch.Generator = field(default_factory=torch.Generator)
    waited: float = 0.0

    @classmethod
    def drawing_from(cls, generator: torch.Generator, augment: Sequence[Augmentation[Any]]) -> "Loader":
        """One with a generator of its own, seeded from the given one; nothing is drawn where nothing is to be done."""
        if not augment:
            return cls()
        seed = int(torch.randint(2**63 - 1, (), generator=generator, device=generator.device))
        return cls(augment=augment, generator=torch.Generator(generator.device).manual_seed(seed))

    @contextmanager
    def batches(self, table: Batch, rows: Sequence[Int[Tensor, " _"]]) -> Iterator[Iterator[Batch]]:
        """Within the block the batches of these rows of a table come, one after the other."""
        made = self._made(table, rows)
        if not self.augment:
            yield made
            return
        with ahead(made) as coming:
            yield coming
        self.waited += coming.waited

    def _made(self, table: Batch, rows: Sequence[Int[Tensor, " _"]]) -> Iterator[Batch]:
        for some in rows:
            batch = table.take(some)
            for augmentation in self.augment:
                batch = augmented(batch, augmentation, self.generator)
            yield batch
