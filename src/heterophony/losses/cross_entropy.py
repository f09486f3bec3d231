"""Cross entropy with soft targets, label smoothing, class weights and sample weights."""

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
        CE_i  = - sum_c v_c t'_ic log softmax(z_i)_c
        loss  = 1/B sum_i w_i CE_i

    A plain mean, as in the code of the audio-text report (audio_text.md 4.3, 4.4): the sum is not divided by the sum of
    the weights, so weights below 1 make the loss, and with it the step before Adam's scaling, smaller. The class weight
    v belongs to the label, not to the sample: of a mixed sample each label counts with its own, and what smoothing
    gives to the other classes counts with theirs.

    Attributes:
        label_smoothing: eps, 0 <= eps < 1.
        class_weight: v, >= 0 (see `weighting.class_weights`); None: all 1.

    Raises:
        ConfigError: `label_smoothing` or a class weight out of range.
    """

    label_smoothing: float = 0.0
    class_weight: Float[Tensor, " classes"] | None = None

    def __post_init__(self) -> None:
        refuse_smoothing_out_of_range(self.label_smoothing)
        refuse_class_weights_out_of_range(self.class_weight)

    def __call__(
        self, output: Levelled, target: Float[Tensor, "batch classes"], weight: Float[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """The loss of a batch; see `Loss`.

        Raises:
            ConfigError: As many class weights as classes are needed.
        """
        each = cross_entropy(output.logits["class"], target, self.label_smoothing, self.class_weight)
        return torch.mean(weight * each)


def cross_entropy(
    logits: Float[Tensor, "batch classes"],
    target: Float[Tensor, "batch classes"],
    label_smoothing: float,
    class_weight: Float[Tensor, " weights"] | None = None,
) -> Float[Tensor, " batch"]:
    """Cross entropy of each sample against a soft target, in float32 whatever the precision of the logits.

    Raises:
        ConfigError: As many class weights as classes are needed.
    """
    if class_weight is not None:
        if len(class_weight) != logits.shape[1]:
            raise ConfigError(f"class_weight has {len(class_weight)} weights, the model {logits.shape[1]} classes")
        class_weight = class_weight.to(logits.device, torch.float32)
    return torch.nn.functional.cross_entropy(
        logits.float(), target, weight=class_weight, reduction="none", label_smoothing=label_smoothing
    )


def refuse_smoothing_out_of_range(label_smoothing: float) -> None:
    """Refuses what is not a probability below 1.

    Raises:
        ConfigError: Says what came.
    """
    if not 0 <= label_smoothing < 1:
        raise ConfigError(f"label_smoothing must be >= 0 and < 1, is {label_smoothing}")


def refuse_class_weights_out_of_range(class_weight: Float[Tensor, " classes"] | None) -> None:
    """Refuses weights that are negative or not finite.

    Raises:
        ConfigError: Says which class and what came.
    """
    if class_weight is None:
        return
    bad = ~(torch.isfinite(class_weight) & (class_weight >= 0))
    if bool(bad.any()):
        index = int(bad.int().argmax())
        raise ConfigError(
            f"class_weight must be finite and >= 0, that of class {index} is {float(class_weight[index])}"
        )
