"""A network that stands on class priors: it learns only what they leave open."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models.output import Output


class OnPriors(nn.Module):
    """Adds log-priors to the class logits of a network (a product of experts).

    ::

        logits = network(modalities) + sum_p present_p * scale_p * log_prior_p        scale_p learned, 1 at first

    The inputs of a batch are the network's modalities followed by the priors, each `[batch, classes]` log-probabilities
    of a simpler classifier (TF-IDF and logistic regression, say) that did not see the row. With few training rows a deep
    network cannot pass 50 log-probabilities through its 64 coordinates of latent; here they need not go through it.
    Ours; the reports have no such part. A sum of log-probabilities is Hinton's product of experts (2002), eq. 1.

    Args:
        network: Takes a `Batch` of its modalities, returns an `Output`.
        modalities: Names of the network's inputs.
        priors: Names of the priors, at least one.

    Raises:
        ModelError: No prior.
    """

    def __init__(self, network: nn.Module, modalities: Sequence[str], priors: Sequence[str]) -> None:
        super().__init__()
        if not priors:
            raise ModelError("OnPriors needs at least one prior; without any, use the network itself")
        self.network = network
        self.modalities = tuple(modalities)
        self.priors = tuple(priors)
        self.scale = nn.Parameter(torch.ones(len(self.priors)))

    def forward(self, batch: Batch) -> Output:
        """Runs the network and adds the priors that are present.

        Raises:
            ModelError: The batch does not have the modalities followed by the priors, in this order.
        """
        if batch.modalities != self.modalities + self.priors:
            raise ModelError(f"this model takes {self.modalities + self.priors}, in this order; got {batch.modalities}")
        n = len(self.modalities)
        inner = replace(
            batch, inputs={name: batch.inputs[name] for name in self.modalities}, present=batch.present[:, :n]
        )
        output: Output = self.network(inner)
        logits: Tensor = output.logits["class"].float()
        for column, name in enumerate(self.priors):
            prior = self.scale[column] * batch.inputs[name]
            logits = logits + prior.masked_fill(~batch.present[:, n + column, None], 0.0)
        return replace(output, logits={**output.logits, "class": logits})
