"""Cross entropy with soft targets, label smoothing and sample weights."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from heterophony.errors import ConfigError
from heterophony.losses.loss import Levelled


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEntropy:
    """Mean over the batch of `weight_i * CE_i` on the class logits.

    ::

        t'_ic = (1 - eps) t_ic + eps / C
        CE_i  = - sum_c t'_ic log softmax(z_i)_c
        loss  = 1/B sum_i w_i CE_i

    A plain mean, as in the code of the audio-text report (audio_text.md 4.3, 4.4): the sum is not divided by the sum of
    the weights, so weights below 1 make the loss, and with it the step before Adam's scaling, smaller.

    Attributes:
        label_smoothing: eps, 0 <= eps < 1.

    Raises:
        ConfigError: `label_smoothing` out of range.
    """

    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        refuse_smoothing_out_of_range(self.label_smoothing)

    def __call__(
        self, output: Levelled, target: Float[Tensor, "batch classes"], weight: Float[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """The loss of a batch; see `Loss`."""
        return torch.mean(weight * cross_entropy(output.logits["class"], target, self.label_smoothing))


def cross_entropy(
    logits: Float[Tensor, "batch classes"], target: Float[Tensor, "batch classes"], label_smoothing: float
) -> Float[Tensor, " batch"]:
    """Cross entropy of each sample against a soft target, in float32 whatever the precision of the logits."""
    return torch.nn.functional.cross_entropy(logits.float(), target, reduction="none", label_smoothing=label_smoothing)


def refuse_smoothing_out_of_range(label_smoothing: float) -> None:
    """Refuses what is not a probability below 1.

    Raises:
        ConfigError: Says what came.
    """
    if not 0 <= label_smoothing < 1:
        raise ConfigError(f"label_smoothing must be >= 0 and < 1, is {label_smoothing}")
