"""Cross entropy on both levels of a tree."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from heterophony.errors import ConfigError
from heterophony.losses.cross_entropy import (
    cross_entropy,
    refuse_class_weights_out_of_range,
    refuse_smoothing_out_of_range,
)
from heterophony.losses.loss import Levelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchical:
    """Cross entropy on the classes plus `top_weight` times cross entropy on the top level.

    ::

        loss = CE(classes; w) + top_weight * 1/B sum_i CE_i(z_top, t_i M)

    with M the membership of classes in tops, so that a soft class target gives the soft top target. The audio-text
    report's "hierarchical loss" as its code has it (audio_text.md 4.1): no sample weights on the top term, the same
    label smoothing on both. `weighted_top` gives the other reading, sample weights on both terms.

    Attributes:
        membership: 1 where the class (row) belongs to the top (column), else 0, `[classes, tops]`; rows sum to 1.
        top_weight: >= 0; the report tries 0.3, 0.7, 1.0 and 1.5.
        label_smoothing: 0 <= eps < 1.
        weighted_top: Apply the sample weights to the top term too.
        class_weight: Weight of each class in the class term, >= 0 (see `CrossEntropy`); None: all 1.

    Raises:
        ConfigError: A number out of range, or a membership whose rows do not sum to 1.
    """

    membership: Float[Tensor, "classes tops"]
    top_weight: float
    label_smoothing: float = 0.0
    weighted_top: bool = False
    class_weight: Float[Tensor, " classes"] | None = None

    def __post_init__(self) -> None:
        refuse_smoothing_out_of_range(self.label_smoothing)
        refuse_class_weights_out_of_range(self.class_weight)
        if not self.top_weight >= 0:
            raise ConfigError(f"top_weight must be >= 0, is {self.top_weight}")
        if not bool((self.membership.sum(dim=1) == 1).all()):
            raise ConfigError("membership: every class must belong to exactly one top, so every row must sum to 1")

    def __call__(
        self, output: Levelled, target: Float[Tensor, "batch classes"], weight: Float[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """The loss of a batch; see `Loss`.

        Raises:
            ConfigError: The output has no top level, or not as many class weights as classes.
        """
        if "top" not in output.logits:
            raise ConfigError("the hierarchical loss needs a model with a top head: build it with n_tops set")
        classes = cross_entropy(output.logits["class"], target, self.label_smoothing, self.class_weight)
        top_target = target @ self.membership.to(target)
        tops = cross_entropy(output.logits["top"], top_target, self.label_smoothing)
        return torch.mean(weight * classes) + self.top_weight * torch.mean(weight * tops if self.weighted_top else tops)
