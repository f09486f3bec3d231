"""CutMix: a range of coordinates comes from another sample."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from heterophony.augment.mixing import (
    MixedWeights,
    beta_draws,
    mixed_priors,
    mixed_targets,
    mixed_weights,
    partners,
    refuse_alpha_out_of_range,
    shared_modalities,
)
from heterophony.batches import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class CutMixParams:
    """What was drawn, for the whole batch.

    Attributes:
        partner: The sample that each gets its range from, `[batch]`; a permutation.
        share: lambda, what was to stay of the sample itself, 0 .. 1.
        start: First coordinate of the range.
        stop: One after its last, `int(D (1 - lambda))` further; D: size of the first modality.
    """

    partner: Int[Tensor, " batch"]
    share: float
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CutMix:
    """Replaces a range of coordinates of every sample by those of another one, lambda ~ Beta(alpha, alpha).

    Yun et al., 2019 (arXiv:1905.04899), on embeddings, as the code of the audio-text report has it (audio_text.md 4.6):
    one lambda, one range and one permutation per batch; the range has `int(D (1 - lambda))` coordinates, D that of the
    first modality, and is the same in all modalities, clipped where one is smaller. Coordinates of an embedding have no
    order, so it is nothing but a set of that size. Here the mixed target reaches every loss term; in that code it
    does not reach the top term.

    Only what both samples have is exchanged; if they have nothing in common, sample i stays as it is with its target.

    Attributes:
        alpha: > 0; the report has 0.2.
        labels: Targets are mixed by the lambda that was "drawn", as in the report's code, or by the part that was
            "realised": of the coordinates that sample i has, those that stayed its own.
        weights: Sample weights: that of sample i ("own", as in the report's code) or "mixed" like the targets.

    Raises:
        ConfigError: `alpha` out of range.
    """

    alpha: float
    labels: Literal["drawn", "realised"] = "drawn"
    weights: MixedWeights = "own"

    def __post_init__(self) -> None:
        refuse_alpha_out_of_range(self.alpha)

    def draw(self, batch: Batch, generator: torch.Generator) -> CutMixParams:
        """Draws lambda, the range and the partners."""
        dim = next(iter(batch.inputs.values())).shape[1]
        share = float(beta_draws(self.alpha, 1, generator))
        length = int(dim * (1 - share))
        start = int(torch.randint(dim - length + 1, (), generator=generator, device=generator.device))
        partner = partners(len(batch), generator).to(batch.target.device)
        return CutMixParams(partner=partner, share=share, start=start, stop=start + length)

    def apply(self, batch: Batch, params: CutMixParams) -> Batch:
        """Exchanges the range, mixes targets and, if so set, weights."""
        both = shared_modalities(batch, params.partner)
        inputs = {
            name: with_range(x, x[params.partner], params.start, params.stop, both[:, column])
            for column, (name, x) in enumerate(batch.inputs.items())
        }
        share = realised_share(batch, both, params) if self.labels == "realised" else drawn_share(batch, both, params)
        return replace(
            batch,
            inputs=inputs,
            target=mixed_targets(batch, params.partner, share),
            weight=mixed_weights(batch, params.partner, share, self.weights),
            priors=mixed_priors(batch, params.partner, share),
        )


def with_range(
    x: Float[Tensor, "batch dim"],
    other: Float[Tensor, "batch dim"],
    start: int,
    stop: int,
    where: Bool[Tensor, " batch"],
) -> Float[Tensor, "batch dim"]:
    """A copy of `x` with the coordinates from `start` to before `stop` of `other`, in the rows `where`."""
    changed = x.clone()
    changed[:, start:stop] = torch.where(where[:, None], other[:, start:stop], x[:, start:stop])
    return changed


def drawn_share(batch: Batch, both: Bool[Tensor, "batch modalities"], params: CutMixParams) -> Float[Tensor, " batch"]:
    """The drawn lambda; 1 where nothing can be exchanged."""
    return torch.where(both.any(dim=1), params.share, 1.0).to(batch.target)


def realised_share(
    batch: Batch, both: Bool[Tensor, "batch modalities"], params: CutMixParams
) -> Float[Tensor, " batch"]:
    """Of the coordinates that each sample has, over all its modalities, the part that stays its own."""
    sizes = [x.shape[1] for x in batch.inputs.values()]
    cut = [min(params.stop, size) - min(params.start, size) for size in sizes]
    given = (both * torch.tensor(cut, device=both.device)).sum(dim=1)
    owned = (batch.present * torch.tensor(sizes, device=both.device)).sum(dim=1)
    return (1 - given / owned.clamp(min=1)).to(batch.target)
