"""A sound encoder and the network behind it, trained as one."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.encoders import Pooling, cut, loudness
from heterophony.errors import ModelError
from heterophony.models.hearing import Hearing, pooled_alone
from heterophony.models.output import Output


class EndToEnd(nn.Module):
    """Reads one modality as numbers of recordings (int64 `[batch, 1]`), makes vectors of them, and runs the head.

    In training, `Encode` stands first among the augmentations: it makes vectors of random crops, with gradient, so that
    what comes after it (mixup of embeddings, say) and the head see vectors as they would see stored ones. Otherwise a
    recording is covered by windows of the same length, the last one ending on its last sample, whose vectors are pooled
    as stored ones are. Where the modality comes as vectors already, the head takes these.

    Args:
        encoder: Prepared windows to vectors `[n, dim]`.
        head: Takes a `Batch` of vectors, returns an `Output`.
        modality: The one that is encoded.
        hearing: From recordings to prepared windows.
    """

    def __init__(self, encoder: nn.Module, head: nn.Module, modality: str, hearing: Hearing) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head
        self.modality = modality
        self.hearing = hearing
        self._known: dict[int, Tensor] = {}  # vectors of whole recordings, until the network is trained again

    def forward(self, batch: Batch) -> Output:
        """Runs the head on the vectors of whole recordings, or on those that the batch has.

        Raises:
            ModelError: A batch of recordings in training: it has not been through `Encode`.
        """
        if not batch.inputs[self.modality].is_floating_point():
            if self.training:
                raise ModelError(f"{self.modality} must be encoded before the network: put Encode first")
            batch = self.heard(batch)
        output: Output = self.head(batch)
        return output

    def train(self, mode: bool = True) -> "EndToEnd":  # noqa: FBT001, FBT002 - the framework's signature
        """Training mode, which forgets the vectors, or evaluation mode."""
        if mode:
            self._known.clear()
        return super().train(mode)

    def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the framework's signature
        """Other weights, other vectors."""
        self._known.clear()
        return super().load_state_dict(*args, **kwargs)

    def heard(self, batch: Batch) -> Batch:
        """The batch with the vectors of whole recordings, without gradient; zeros where the modality is absent."""
        rows, numbers = self._present(batch)
        with torch.no_grad():
            vectors = [self._whole(number) for number in numbers]
        return self._with(batch, rows, torch.stack(vectors).to(batch.target.device) if vectors else None)

    def crops(self, batch: Batch, share: Float[Tensor, " batch"], precision: str) -> Batch:
        """The batch with the vectors of crops, with gradient; zeros where the modality is absent.

        Args:
            batch: Recordings by number.
            share: Where each crop starts, 0 .. 1.
            precision: "float32" or "bfloat16" (autocast).
        """
        rows, numbers = self._present(batch)
        if not numbers:
            return self._with(batch, rows, None)
        starts = share[rows].tolist()
        hearing = self.hearing
        windows = [hearing.recordings.crop(n, start, hearing.window) for n, start in zip(numbers, starts, strict=True)]
        features = torch.from_numpy(hearing.prepare(np.stack(windows))).to(batch.target.device)
        with torch.autocast(features.device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16"):
            vectors = self.encoder(features).float()
        return self._with(batch, rows, pooled_alone(vectors, hearing.pooling))

    def _present(self, batch: Batch) -> tuple[Tensor, list[int]]:
        """Rows that have the modality, and the numbers of their recordings."""
        rows = batch.present[:, batch.modalities.index(self.modality)].nonzero().flatten()
        return rows, batch.inputs[self.modality][rows, 0].tolist()

    def _with(self, batch: Batch, rows: Tensor, vectors: Tensor | None) -> Batch:
        full = torch.zeros(len(batch), self.hearing.dim, device=batch.target.device)
        if vectors is not None:
            full = full.index_copy(0, rows, vectors)
        return replace(batch, inputs={**batch.inputs, self.modality: full})

    def _whole(self, number: int) -> Tensor:
        """The pooled vector of a recording."""
        if number not in self._known:
            hearing, device = self.hearing, next(self.encoder.parameters()).device
            pooling = Pooling(hearing.pooling)
            blocks = [hearing.recordings.whole(number)]
            for windows in cut(blocks, hearing.window, hearing.window, batch=1):
                vectors = self.encoder(torch.from_numpy(hearing.prepare(windows)).to(device))
                pooling.add(vectors.float().cpu().numpy(), loudness(windows))
            self._known[number] = torch.from_numpy(pooling.pooled()).to(device)
        return self._known[number]
