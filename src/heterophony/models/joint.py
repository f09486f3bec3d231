"""Encoders of several modalities and the network behind them, trained as one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.encoders import Pooling
from heterophony.errors import ModelError
from heterophony.models.decoded_rows import Rows, Window
from heterophony.models.output import Output

TOGETHER = 32
"""Windows in one forward pass outside training."""


class Joint(nn.Module):
    """Sound and picture network with a network over both vectors: Wang et al., 2022, section 2.1.

    A modality of a batch may come as

    * numbers of decoded rows, int64 `[batch, 1]`, outside training: all windows of a row are encoded, without gradient,
      and their vectors pooled by the mean, as those of a stored recording are;
    * features, `[batch, ...]` of three or more dimensions, in training (`Load`): encoded with gradient;
    * vectors, `[batch, dim]`: taken as they are.

    Vectors of rows that lack a modality are zeros, and such rows do not come into its encoder: they do not move the
    statistics of its normalisations.

    Args:
        encoders: Modality to network, features to vectors `[n, dim]`.
        head: Takes a `Batch` of vectors, returns an `Output`.
        rows: Modality to decoded rows.
    """

    def __init__(self, encoders: Mapping[str, nn.Module], head: nn.Module, rows: Mapping[str, Rows]) -> None:
        super().__init__()
        self.encoders = nn.ModuleDict(dict(encoders))
        self.head = head
        self.rows = dict(rows)
        self._known: dict[tuple[str, int], Tensor] = {}  # vectors of whole rows, until anything is trained again

    def forward(self, batch: Batch) -> Output:
        """Runs the head on the vectors of the batch.

        Raises:
            ModelError: Numbers of rows in training: they have not been through `Load`.
        """
        output: Output = self.head(self.encoded(batch))
        return output

    def encoded(self, batch: Batch) -> Batch:
        """The batch with vectors, of every modality that has an encoder."""
        made = {name: self._vectors(batch, name) for name in self.encoders}
        return replace(batch, inputs={**batch.inputs, **made})

    def train(self, mode: bool = True) -> "Joint":  # noqa: FBT001, FBT002 - the framework's signature
        """Training mode, which forgets the vectors, or evaluation mode."""
        if mode:
            self._known.clear()
        return super().train(mode)

    def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the framework's signature
        """Other weights, other vectors."""
        self._known.clear()
        return super().load_state_dict(*args, **kwargs)

    def alone(self, modality: str, head: nn.Module) -> "Joint":
        """The encoder of one modality, the same parameters, with another head."""
        return Joint({modality: self.encoders[modality]}, head, {modality: self.rows[modality]})

    def _vectors(self, batch: Batch, name: str) -> Float[Tensor, "batch dim"]:
        given, place = batch.inputs[name], batch.modalities.index(name)
        if given.is_floating_point() and given.ndim == 2:
            return given
        there = batch.present[:, place].nonzero().flatten()
        full = torch.zeros(len(batch), self.rows[name].dim, device=batch.target.device)
        if not len(there):
            return full
        if given.is_floating_point():
            return full.index_copy(0, there, self.encoders[name](given[there]).float())
        if self.training:
            raise ModelError(f"{name} comes as numbers of rows; in training they must go through Load first")
        return full.index_copy(0, there, self._whole(name, given[there, 0].tolist()).to(full))

    def _whole(self, name: str, numbers: Sequence[int]) -> Float[Tensor, "n dim"]:
        """The pooled vectors of whole rows."""
        missing = [number for number in dict.fromkeys(numbers) if (name, number) not in self._known]
        poolings = {number: Pooling("mean") for number in missing}
        rows, windows = self.rows[name], self._windows(name, missing)
        while group := list(islice(windows, TOGETHER)):
            read = np.stack([window for _, window in group])
            vectors, steps = self._encode(name, read), rows.loudness(read)
            for at, (number, _) in enumerate(group):
                poolings[number].add(vectors[at : at + 1], steps[at : at + 1])
        for number, pooling in poolings.items():
            self._known[name, number] = torch.from_numpy(pooling.pooled())
        return torch.stack([self._known[name, number] for number in numbers])

    def _windows(self, name: str, numbers: Sequence[int]) -> Iterator[tuple[int, Window]]:
        for number in numbers:
            for group in self.rows[name].whole(number):
                for window in group:
                    yield number, window

    def _encode(self, name: str, windows: Any) -> Any:  # noqa: ANN401 - samples or pixels
        """Vectors of windows, as NumPy has them; the encoder in evaluation mode, as it is for `classify`."""
        network = self.encoders[name]
        device = next(network.parameters()).device
        features = torch.from_numpy(self.rows[name].prepare(windows)).to(device)
        with torch.no_grad():
            return network(features).float().cpu().numpy()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EncodeFeatures:
    """An augmentation that makes vectors of features, with gradient, so that what comes after it changes vectors.

    Attributes:
        model: Whose encoders.
        precision: "float32" or "bfloat16" (autocast).
    """

    model: Joint
    precision: str = "float32"

    def draw(self, batch: Batch, generator: torch.Generator) -> Int[Tensor, " none"]:
        """Nothing."""
        return torch.zeros(0, dtype=torch.int64)

    def apply(self, batch: Batch, params: Int[Tensor, " none"]) -> Batch:
        """The batch with vectors."""
        with torch.autocast(batch.target.device.type, dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            return self.model.encoded(batch)
