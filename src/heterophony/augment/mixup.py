"""Mixup: samples become weighted means of two."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor

from heterophony.augment.mixing import (
    MixedWeights,
    beta_draws,
    cyclic_partners,
    mixed_priors,
    mixed_targets,
    mixed_weights,
    partners,
    refuse_alpha_out_of_range,
    shared_modalities,
)
from heterophony.batches import Batch
from heterophony.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class MixupParams:
    """What was drawn.

    Attributes:
        partner: The sample that each is mixed with, `[batch]`; a permutation.
        share: lambda, what stays of the sample itself, 0 .. 1, `[batch]`; 1 where it is not mixed.
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

    The joint mixup of Wang et al., 2022, section 2.2.3 is `Mixup(ratio=0.4, fraction=0.2, partner="other")`: lambda is
    always the same, and each sample is replaced with a probability (their 20 %, 50 %, 100 % of the data). Sound,
    pictures and target have the same lambda and partner, as they do here. They speak of inputs and of embeddings: this
    mixes what the batch holds, so it is the one before an encoder and the other after it (`models.Encode`).

    Attributes:
        alpha: > 0; the report has 0.1 to 0.4. Near 0 one of the two is all there is; large: half of each. None: see
            `ratio`.
        ratio: A fixed lambda, 0 .. 1, in place of draws with `alpha`.
        per: One lambda per "batch", as in the report's code, or one per "sample"; of drawn ones.
        weights: Sample weights: that of sample i ("own", as in the report's code) or "mixed" like the targets.
        fraction: The probability that a sample is mixed, 0 .. 1; the others stay as they are.
        partner: Mixed with "any" sample, itself too, as in the report's code, or with an "other" one, each equally
            likely.

    Raises:
        ConfigError: `alpha`, `ratio` or `fraction` out of range; both or none of the first two.
    """

    alpha: float | None = None
    ratio: float | None = None
    per: Literal["batch", "sample"] = "batch"
    weights: MixedWeights = "own"
    fraction: float = 1.0
    partner: Literal["any", "other"] = "any"

    def __post_init__(self) -> None:
        if (self.alpha is None) == (self.ratio is None):
            raise ConfigError(f"mixup: wanted alpha or ratio, one of them; came {self.alpha} and {self.ratio}")
        if self.alpha is not None:
            refuse_alpha_out_of_range(self.alpha)
        for name, value in (("ratio", self.ratio), ("fraction", self.fraction)):
            if value is not None and not 0 <= value <= 1:
                raise ConfigError(f"mixup: {name} must be from 0 to 1, is {value}")

    def draw(self, batch: Batch, generator: torch.Generator) -> MixupParams:
        """Draws lambda, the partners, and who is mixed."""
        n = len(batch)
        share = self._shares(n, generator).to(batch.target).expand(n).clone()
        order = partners(n, generator) if self.partner == "any" else cyclic_partners(n, generator)
        if self.fraction < 1:
            uniform = torch.rand(n, generator=generator, device=generator.device, dtype=torch.float64)
            share = torch.where((uniform < self.fraction).to(share.device), share, 1.0)
        return MixupParams(partner=order.to(share.device), share=share)

    def _shares(self, n: int, generator: torch.Generator) -> Float64[Tensor, " shares"]:
        if self.alpha is None:
            return torch.tensor([self.ratio], dtype=torch.float64)
        return beta_draws(self.alpha, 1 if self.per == "batch" else n, generator)

    def apply(self, batch: Batch, params: MixupParams) -> Batch:
        """Mixes inputs, targets and, if so set, weights."""
        both = shared_modalities(batch, params.partner)
        shares = torch.where(both, params.share[:, None], 1.0)
        share = shares.amin(dim=1)
        inputs = {
            name: torch.lerp(x[params.partner], x, shares[:, column].to(x).reshape(-1, *[1] * (x.ndim - 1)))
            for column, (name, x) in enumerate(batch.inputs.items())
        }
        return replace(
            batch,
            inputs=inputs,
            target=mixed_targets(batch, params.partner, share),
            weight=mixed_weights(batch, params.partner, share, self.weights),
            priors=mixed_priors(batch, params.partner, share),
        )
