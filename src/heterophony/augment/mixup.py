"""Mixup: samples become weighted means of two."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Float, Int
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
class MixupParams:
    """What was drawn.

    Attributes:
        partner: The sample that each is mixed with, `[batch]`; a permutation.
        share: lambda, what stays of the sample itself, 0 .. 1, `[batch]`.
    """

    partner: Int[Tensor, " batch"]
    share: Float[Tensor, " batch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixup:
    """Mixes every sample with another one: lambda of itself, 1 - lambda of its partner, lambda ~ Beta(alpha, alpha).

    ::

        x' = lambda x_i + (1 - lambda) x_j,   t' = lambda t_i + (1 - lambda) t_j

    Zhang et al., 2018 (arXiv:1710.09412), on embeddings, as the code of the audio-text report has it (audio_text.md
    4.5): one lambda and one permutation per batch, the same for every modality, after noise and masking, and both
    labels count with the sample weight of i. The mixed target reaches every loss term.

    What both samples have is mixed. What only sample i has stays as it is, what only its partner has stays absent; if
    they have nothing in common, sample i stays as it is with its target (that code knows no absent modality).

    Attributes:
        alpha: > 0; the report has 0.1 to 0.4. Near 0 one of the two is all there is; large: half of each.
        per: One lambda per "batch", as in the report's code, or one per "sample".
        weights: Sample weights: that of sample i ("own", as in the report's code) or "mixed" like the targets.

    Raises:
        ConfigError: `alpha` out of range.
    """

    alpha: float
    per: Literal["batch", "sample"] = "batch"
    weights: MixedWeights = "own"

    def __post_init__(self) -> None:
        refuse_alpha_out_of_range(self.alpha)

    def draw(self, batch: Batch, generator: torch.Generator) -> MixupParams:
        """Draws lambda and the partners."""
        share = beta_draws(self.alpha, 1 if self.per == "batch" else len(batch), generator)
        return MixupParams(
            partner=partners(len(batch), generator), share=share.to(batch.target).expand(len(batch)).clone()
        )

    def apply(self, batch: Batch, params: MixupParams) -> Batch:
        """Mixes inputs, targets and, if so set, weights."""
        both = shared_modalities(batch, params.partner)
        shares = torch.where(both, params.share[:, None], 1.0)
        share = shares.amin(dim=1)
        inputs = {
            name: torch.lerp(x[params.partner], x, shares[:, column, None].to(x))
            for column, (name, x) in enumerate(batch.inputs.items())
        }
        return replace(
            batch,
            inputs=inputs,
            target=mixed_targets(batch, params.partner, share),
            weight=mixed_weights(batch, params.partner, share, self.weights),
            priors=mixed_priors(batch, params.partner, share),
        )
