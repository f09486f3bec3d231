"""Cross-modal swap: one modality comes from another sample of the same class."""

from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossModalSwapParams:
    """What was drawn.

    Attributes:
        swapped: True where the modality is replaced, `[batch]`.
        row: Row of the pool that replaces it, `[batch]`; 0 where nothing is replaced.
    """

    swapped: Bool[Tensor, " batch"]
    row: Int[Tensor, " batch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossModalSwap:
    """Replaces one modality of a sample by that of a training sample of the same class; target and the rest stay.

    "Cross-modal swap" of the audio-text report as its code has it (audio_text.md 4.7): each row of the class in the
    pool is equally likely, itself too; a class needs two of them. There followed by noise with sigma 0.001 and masking,
    which are `Noise` and `Masking` here. The class of a soft target is drawn with the probabilities that it gives. What
    is absent stays absent, and priors stay those of the sample.

    Attributes:
        probability: Of each sample, 0 <= p <= 1; the report has 0.3, and 0.2 in its combined run.
        pool: The modality of the training samples that have it, on any device (see `swap_pool`).
        pool_target: Their classes, >= 0, on the same one.
        modality: Which one is replaced; the report replaces the words.

    Raises:
        ConfigError: `probability` out of range, an empty pool, one whose two parts differ in length, a negative class.
    """

    probability: float
    pool: Float[Tensor, "rows dim"]
    pool_target: Int[Tensor, " rows_of_target"]
    modality: str = "words"
    by_class: Int[Tensor, " rows"] = field(init=False, repr=False)
    first: Int[Tensor, " classes"] = field(init=False, repr=False)
    count: Int[Tensor, " classes"] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ConfigError(f"probability must be from 0 to 1, is {self.probability}")
        if not len(self.pool) == len(self.pool_target) > 0:
            raise ConfigError(f"the pool needs rows with one class each: {len(self.pool)}, {len(self.pool_target)}")
        if bool((self.pool_target < 0).any()):
            raise ConfigError("pool_target: classes must be >= 0")
        count = torch.bincount(self.pool_target)
        object.__setattr__(self, "by_class", torch.argsort(self.pool_target, stable=True))
        object.__setattr__(self, "first", torch.cumsum(count, dim=0) - count)
        object.__setattr__(self, "count", count)

    def draw(self, batch: Batch, generator: torch.Generator) -> CrossModalSwapParams:
        """Draws who is swapped and for which row of the pool.

        Raises:
            ConfigError: The batch has no such modality.
        """
        if self.modality not in batch.inputs:
            raise ConfigError(f"no modality {self.modality!r} to swap: there are {', '.join(batch.modalities)}")
        where = self.pool.device
        uniform = torch.rand(3, len(batch), generator=generator, device=generator.device, dtype=torch.float64).to(where)
        label = drawn_classes(batch.target.to(where), uniform[0])
        count = at(self.count, label)
        has_it = batch.present[:, batch.modalities.index(self.modality)].to(where)
        swapped = (uniform[1] < self.probability) & has_it & (count >= 2)
        place = at(self.first, label) + (uniform[2] * count).long()
        return CrossModalSwapParams(swapped=swapped, row=torch.where(swapped, at(self.by_class, place), 0))

    def apply(self, batch: Batch, params: CrossModalSwapParams) -> Batch:
        """Replaces what was drawn."""
        x = batch.inputs[self.modality]
        changed = torch.where(params.swapped.to(x.device)[:, None], self.pool[params.row].to(x), x)
        return replace(batch, inputs={**batch.inputs, self.modality: changed})


def swap_pool(train: Batch, modality: str) -> tuple[Float[Tensor, "rows dim"], Int[Tensor, " rows"]]:
    """`pool` and `pool_target` from a training table: its rows that have the modality, with their likeliest class."""
    has_it = train.present[:, train.modalities.index(modality)]
    return train.inputs[modality][has_it], train.target[has_it].argmax(dim=1)


def drawn_classes(target: Float[Tensor, "batch classes"], uniform: Float[Tensor, " batch"]) -> Int[Tensor, " batch"]:
    """A class for each row, with the probabilities of the row: the first whose cumulative sum is above `uniform`."""
    below = torch.cumsum(target.double(), dim=1)
    return (below <= uniform[:, None] * below[:, -1:]).sum(dim=1).clamp(max=target.shape[1] - 1)


def at(values: Int[Tensor, " values"], index: Int[Tensor, " batch"]) -> Int[Tensor, " batch"]:
    """The values at `index`; 0 beyond the end: the pool ends at the last class that it has."""
    inside = index < len(values)
    return torch.where(inside, values[torch.where(inside, index, 0)], 0)
