"""Supervised contrastive loss on the latent vector, with soft targets."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from heterophony.errors import ConfigError
from heterophony.losses.loss import Levelled


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisedContrastive:
    """Pulls latent vectors of the same label together and pushes the others apart.

    ::

        s_ij   = cos(z_i, z_j) / tau
        w_ij   = <t_i, t_j>   for j != i, else 0
        loss_i = - 1 / sum_p w_ip  sum_p w_ip ( s_ip - log sum_{a != i} exp s_ia )
        loss   = mean of loss_i over the anchors i with sum_p w_ip > 0; 0 where there is none

    With hard targets w is 1 for a pair of the same label and 0 for all others: supervised contrastive learning (Khosla
    et al., 2020, arXiv:2004.11362, equation 2) as the code of the audio-text report has it (audio_text.md 4.2), which
    takes the **top** labels. Mixed targets, which that code leaves out of account, make a pair count as far as its
    targets agree. Sample weights are not used, as there. Meant as one term of a `Total`, with a weight of 0.2 to 1.

    Attributes:
        membership: 1 where the class (row) belongs to the top (column), else 0, `[classes, tops]`; rows sum to 1.
        tau: Temperature, > 0.
        level: Whose labels decide: "top" as in the report, which pulls the classes of one top together too, or "class".

    Raises:
        ConfigError: `tau` is not positive, or a membership whose rows do not sum to 1.
    """

    membership: Float[Tensor, "classes tops"]
    tau: float = 0.5
    level: Literal["top", "class"] = "top"

    def __post_init__(self) -> None:
        if not self.tau > 0:
            raise ConfigError(f"tau must be > 0, is {self.tau}")
        if not bool((self.membership.sum(dim=1) == 1).all()):
            raise ConfigError("membership: every class must belong to exactly one top, so every row must sum to 1")

    def __call__(
        self, output: Levelled, target: Float[Tensor, "batch classes"], weight: Float[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """The loss of a batch, in float32; see `Loss`. `weight` is not used."""
        with torch.autocast(target.device.type, enabled=False):
            label = target.float()
            if self.level == "top":
                label = label @ self.membership.to(label)
            itself = torch.eye(len(label), dtype=torch.bool, device=label.device)
            agreement = (label @ label.T).masked_fill(itself, 0.0)
            return contrast(log_similarities(output.latent.float(), itself, self.tau), agreement)


def log_similarities(
    latent: Float[Tensor, "batch latent"], itself: Bool[Tensor, "batch batch"], tau: float
) -> Float[Tensor, "batch batch"]:
    """Row i: the log of softmax over all j != i of `cos(z_i, z_j) / tau`; 0 on the diagonal."""
    unit = torch.nn.functional.normalize(latent, dim=1)
    scaled = (unit @ unit.T / tau).masked_fill(itself, -torch.inf)
    return torch.log_softmax(scaled, dim=1).masked_fill(itself, 0.0)


def contrast(
    log_similarity: Float[Tensor, "batch batch"], agreement: Float[Tensor, "batch batch"]
) -> Float[Tensor, ""]:
    """The mean over the anchors that agree with anyone of their mean, weighted by agreement, of -log similarity."""
    mass = agreement.sum(dim=1)
    is_anchor = mass > 0
    each = -(agreement * log_similarity).sum(dim=1) / torch.where(is_anchor, mass, 1.0)
    return each.sum() / is_anchor.sum().clamp(min=1)
