"""What mixup and CutMix share: whom a sample is mixed with, by how much, and what that does to targets and weights."""

from typing import Literal

import torch
from jaxtyping import Bool, Float, Float64, Int
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import ConfigError

MixedWeights = Literal["own", "mixed"]


def beta_draws(alpha: float, n: int, generator: torch.Generator) -> Float64[Tensor, " n"]:
    """Draws from Beta(alpha, alpha), on the processor, in float64.

    The inverse of the distribution function at uniform draws: exact for every alpha, one uniform number for each, and
    no chance but the generator's (the framework's own Beta draws from the global one).
    """
    from scipy.special import betaincinv

    uniform = torch.rand(n, generator=generator, device=generator.device, dtype=torch.float64)
    return torch.from_numpy(betaincinv(alpha, alpha, uniform.cpu().numpy()))


def partners(n: int, generator: torch.Generator) -> Int[Tensor, " n"]:
    """A random permutation: the sample that each is mixed with. Some are mixed with themselves."""
    return torch.randperm(n, generator=generator, device=generator.device)


def cyclic_partners(n: int, generator: torch.Generator) -> Int[Tensor, " n"]:
    """A random permutation that is one cycle: with each other sample equally likely, never with itself unless alone."""
    order = torch.randperm(n, generator=generator, device=generator.device)
    return torch.empty_like(order).scatter(0, order, order.roll(1))


def shared_modalities(batch: Batch, partner: Int[Tensor, " batch"]) -> Bool[Tensor, "batch modalities"]:
    """True where both the sample and its partner have the modality: only there can they be mixed."""
    return batch.present & batch.present[partner]


def mixed_targets(
    batch: Batch, partner: Int[Tensor, " batch"], share: Float[Tensor, " batch"]
) -> Float[Tensor, "batch classes"]:
    """`share` of the sample's own target and the rest of its partner's; rows that summed to 1 still do."""
    return torch.lerp(batch.target[partner], batch.target, share[:, None])


def mixed_priors(
    batch: Batch, partner: Int[Tensor, " batch"], share: Float[Tensor, " batch"]
) -> dict[str, Float[Tensor, "batch classes"]]:
    """Log of `share` of what each prior says of the sample and the rest of what it says of its partner.

    A prior that kept speaking of the sample alone would speak against the mixed target. Where it says nothing of one of
    the two (zeros: that one lacks its modality), what it says of the sample stays.
    """
    kept, given = share.clamp(min=0).log()[:, None], (1 - share).clamp(min=0).log()[:, None]
    mixed = {}
    for name, own in batch.priors.items():
        other = own[partner]
        both = (own != 0).any(dim=1, keepdim=True) & (other != 0).any(dim=1, keepdim=True) & (share < 1)[:, None]
        mixed[name] = torch.where(both, torch.logaddexp(kept + own, given + other), own)
    return mixed


def mixed_weights(
    batch: Batch, partner: Int[Tensor, " batch"], share: Float[Tensor, " batch"], weights: MixedWeights
) -> Float[Tensor, " batch"]:
    """The sample's own weights, or mixed as the targets are."""
    return batch.weight if weights == "own" else torch.lerp(batch.weight[partner], batch.weight, share.to(batch.weight))


def refuse_alpha_out_of_range(alpha: float) -> None:
    """Refuses what no Beta distribution has.

    Raises:
        ConfigError: Says what came.
    """
    if not 0 < alpha < float("inf"):
        raise ConfigError(f"alpha must be finite and > 0, is {alpha}")
