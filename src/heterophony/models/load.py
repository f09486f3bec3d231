"""Numbers of decoded rows become features of one random second of each, as the first augmentation of training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from heterophony.batches import Batch
from heterophony.models.decoded_rows import Rows


@runtime_checkable
class Change(Protocol):
    """What is done to a waveform or to frames in training, before features are made of them."""

    def __call__(self, x: Any, row: int, generator: torch.Generator) -> Any:  # noqa: ANN401 - samples or pixels
        """A changed copy of what was read of a row; draws from the generator alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadParams:
    """What was drawn.

    Attributes:
        share: Which second of each row, 0 .. 1 of all that it has; the same for all its modalities.
        seed: Of the changes of each row.
    """

    share: Float[Tensor, " batch"]
    seed: Int64[Tensor, " batch"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Load:
    """An augmentation that reads a random second of each row, changes it, and makes features of it.

    Sound and pictures of a row are of the same second. Rows without a modality are zeros there.

    Attributes:
        rows: Modality to decoded rows.
        changes: Modality to what is done to each of them, in this order.
    """

    rows: Mapping[str, Rows]
    changes: Mapping[str, Sequence[Change]]

    def draw(self, batch: Batch, generator: torch.Generator) -> LoadParams:
        """Draws a second and a seed for each row, whatever it has."""
        share = torch.rand(len(batch), generator=generator)
        return LoadParams(share=share, seed=torch.randint(2**62, (len(batch),), generator=generator))

    def apply(self, batch: Batch, params: LoadParams) -> Batch:
        """The batch with features in place of the numbers of rows."""
        made = {name: self._features(batch, name, params) for name in self.rows if name in batch.inputs}
        return replace(batch, inputs={**batch.inputs, **made})

    def _features(self, batch: Batch, name: str, params: LoadParams) -> Float[Tensor, "batch ..."]:
        """Features of one modality, `[batch, ...]`."""
        rows, place = self.rows[name], batch.modalities.index(name)
        there = np.flatnonzero(batch.present[:, place].numpy())
        if not len(there):
            silent = np.zeros_like(rows.at(0, 0))[None]
            return torch.zeros(len(batch), *rows.prepare(silent).shape[1:])
        read = np.stack([self._read(batch, name, params, at) for at in there.tolist()])
        features = torch.from_numpy(rows.prepare(read))
        if len(there) == len(batch):
            return features
        full = torch.zeros(len(batch), *features.shape[1:])
        full[torch.from_numpy(there)] = features
        return full

    def _read(self, batch: Batch, name: str, params: LoadParams, at: int) -> Any:  # noqa: ANN401 - samples or pixels
        """A changed second of one row."""
        rows, row = self.rows[name], int(batch.inputs[name][at, 0])
        x: Any = rows.at(row, int(float(params.share[at]) * rows.seconds(row)))
        changes = self.changes.get(name, ())
        if changes:
            generator = torch.Generator().manual_seed(int(params.seed[at]))
            for change in changes:
                x = change(x, row, generator)
        return x


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfModality:
    """A perturbation of the spectrograms of one modality, as an augmentation of the batch.

    Features without an axis of channels, `[batch, frames, bins]`, are of one channel: which of the two axes is time
    does not matter to what hides a part of each.

    Attributes:
        modality: Which.
        perturbation: See `augment.SPECTROGRAM_AUGMENTATIONS`.
    """

    modality: str
    perturbation: Any

    def draw(self, batch: Batch, generator: torch.Generator) -> Any:  # noqa: ANN401 - the perturbation's own
        """Draws for the whole batch."""
        return self.perturbation.draw(_with_channels(batch.inputs[self.modality]), generator)

    def apply(self, batch: Batch, params: Any) -> Batch:  # noqa: ANN401 - the perturbation's own
        """The batch with changed spectrograms; absent ones stay zeros."""
        given = batch.inputs[self.modality]
        changed = self.perturbation.apply(_with_channels(given), params).reshape(given.shape)
        there = batch.present[:, batch.modalities.index(self.modality)]
        changed = changed * there.reshape(-1, *[1] * (changed.ndim - 1))
        return replace(batch, inputs={**batch.inputs, self.modality: changed})


def _with_channels(x: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch channels _ _"]:
    return x.unsqueeze(1) if x.ndim == 3 else x
