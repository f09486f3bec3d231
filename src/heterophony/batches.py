"""Samples as tensors: a batch, and equally a whole table in memory, from which batches are taken."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Bool, Float, Int, Int64, Num
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Samples with any number of modalities, some of which a sample may lack.

    Attributes:
        inputs: Modality name to features, float `[batch, dim of that modality]`, or `[batch, ...]` before an encoder
            (spectrograms, pixels); rows of absent ones are zero. Or, for `models.EndToEnd` only, numbers of recordings,
            int64 `[batch, 1]`. The order of the names is that of the columns of `present`.
        present: True where the sample has the modality, `[batch, modalities]`.
        target: Soft class targets, `[batch, classes]`, rows sum to 1.
        weight: Weight of each sample in the loss, `[batch]`, 1 by default.
        priors: Name to log-probabilities that a simpler classifier of one modality gave, `[batch, classes]`. They count
            where that modality is present (see `models.OnPriors`). Only mixup and CutMix change them.
        clips: Number of the clip that each sample is a part of, where the parts of a clip see each other
            (`models.Banked`); None where no sample sees another.
    """

    inputs: dict[str, Num[Tensor, "batch *_"]]
    present: Bool[Tensor, "batch modalities"]
    target: Float[Tensor, "batch classes"]
    weight: Float[Tensor, " batch"]
    priors: dict[str, Float[Tensor, "batch classes"]] = field(default_factory=dict)
    clips: Int64[Tensor, " batch"] | None = None

    @property
    def modalities(self) -> tuple[str, ...]:
        """The names of the modalities, in the order of the columns of `present`."""
        return tuple(self.inputs)

    def __len__(self) -> int:
        return len(self.target)

    def take(self, index: Int[Tensor, " taken"]) -> "Batch":
        """The samples at `index`, in that order, copied."""
        return Batch(
            inputs={name: features[index] for name, features in self.inputs.items()},
            present=self.present[index],
            target=self.target[index],
            weight=self.weight[index],
            priors={name: said[index] for name, said in self.priors.items()},
            clips=None if self.clips is None else self.clips[index],
        )

    def to(self, device: torch.device) -> "Batch":
        """The same samples on `device`."""
        return replace(
            self,
            inputs={name: features.to(device) for name, features in self.inputs.items()},
            present=self.present.to(device),
            target=self.target.to(device),
            weight=self.weight.to(device),
            priors={name: said.to(device) for name, said in self.priors.items()},
        )


def stacked(batches: Sequence[Batch]) -> Batch:
    """The samples of several batches of the same modalities and priors, one after the other; clips are left out."""
    first = batches[0]
    return Batch(
        inputs={name: torch.cat([one.inputs[name] for one in batches]) for name in first.inputs},
        present=torch.cat([one.present for one in batches]),
        target=torch.cat([one.target for one in batches]),
        weight=torch.cat([one.weight for one in batches]),
        priors={name: torch.cat([one.priors[name] for one in batches]) for name in first.priors},
    )
