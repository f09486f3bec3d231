"""Zeroing of random coordinates of embeddings."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskingParams:
    """What was drawn.

    Attributes:
        masked: Modality name to True where a coordinate becomes zero, `[batch, dim]`.
    """

    masked: dict[str, Bool[Tensor, "batch _"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Masking:
    """Zeroes k random coordinates of each sample and modality, k uniform in {1 .. floor(max_fraction D)}.

    Always on in the training of the audio-text report (audio_text.md 3.1). What is left is not scaled up; modalities
    are masked independently. On average 35 % of the coordinates become zero.

    Attributes:
        max_fraction: Upper bound of the zeroed part, 0 <= max_fraction <= 1. Where floor(max_fraction D) is 0 nothing
            is zeroed.

    Raises:
        ConfigError: `max_fraction` out of range.
    """

    max_fraction: float = 0.7

    def __post_init__(self) -> None:
        if not 0 <= self.max_fraction <= 1:
            raise ConfigError(f"max_fraction must be from 0 to 1, is {self.max_fraction}")

    def draw(self, batch: Batch, generator: torch.Generator) -> MaskingParams:
        """Draws for each sample and modality."""
        return MaskingParams(
            masked={
                name: random_subsets(len(x), x.shape[1], int(self.max_fraction * x.shape[1]), generator).to(x.device)
                for name, x in batch.inputs.items()
            }
        )

    def apply(self, batch: Batch, params: MaskingParams) -> Batch:
        """Zeroes what was drawn."""
        masked = {name: x.masked_fill(params.masked[name], 0.0) for name, x in batch.inputs.items()}
        return replace(batch, inputs=masked)


def random_subsets(rows: int, size: int, most: int, generator: torch.Generator) -> Bool[Tensor, "rows size"]:
    """For each row a uniformly random subset of `size` things, its count k uniform in {1 .. most}, exactly.

    No sorting. Draw p uniform in [0, 1) and take each thing with probability p, independently. Then (Bayes, 1763)
    the count is uniform in {0 .. size}: P(k) = C(n, k) * integral of p^k (1 - p)^(n - k) = 1 / (n + 1); and given the
    count all subsets are equally likely, since the things are exchangeable. Rows whose count is not in {1 .. most} are
    drawn again, which leaves a uniform count in {1 .. most}. About `size / most` draws a row.

    Args:
        rows: How many subsets.
        size: n, things to choose from.
        most: Largest count, 0 <= most <= size; 0 gives empty subsets.
        generator: Source of chance.
    """
    if most == 0:
        return torch.zeros(rows, size, dtype=torch.bool, device=generator.device)
    kept: list[Bool[Tensor, "_ size"]] = []
    missing = rows
    while missing > 0:
        tries = missing * (size + 1) // most + 8
        p = torch.rand(tries, 1, generator=generator, device=generator.device)
        chosen = torch.rand(tries, size, generator=generator, device=generator.device) < p
        count = chosen.sum(dim=1)
        kept.append(chosen[(count >= 1) & (count <= most)])
        missing -= len(kept[-1])
    return torch.cat(kept)[:rows]
