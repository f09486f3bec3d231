"""A network that stands on class priors: it learns only what they leave open."""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models.hatr import Hatr
from heterophony.models.output import Output
from heterophony.models.priors_as_modalities import PriorsAsModalities


class OnPriors(nn.Module):
    """Adds log-priors to the class logits of a network (a product of experts).

    ::

        logits = network(batch) + sum_p present_m(p) * scale_p * log_prior_p        scales learned, 1 at first

    A prior holds the log-probabilities of a simpler classifier of the modality m(p) (TF-IDF and regression, say) that
    did not see the row. With few training rows a deep network cannot pass 50 log-probabilities through its 64
    coordinates of latent; here they need not go through it. Each prior has two scales: one where its modality is the
    sample's only one, one where it stands beside others, and a weak witness should be heard less (`scale[0]` and
    `scale[1]`). The last layer of the network starts at zero, so training starts at the product of the priors. Ours;
    the reports have no such part. A sum of log-probabilities is Hinton's product of experts (2002), eq. 1.

    Args:
        network: Takes a `Batch`, returns an `Output`; `class_head` is what makes its class logits. It may itself read
            other priors as modalities.
        of: Prior to the modality whose presence decides whether it counts; at least one, all of them in every batch.

    Raises:
        ModelError: No prior.
    """

    def __init__(self, network: Hatr | PriorsAsModalities, of: Mapping[str, str]) -> None:
        super().__init__()
        if not of:
            raise ModelError("OnPriors needs at least one prior; without any, use the network itself")
        self.network = network
        self.of = dict(of)
        self.read = tuple(network.of) if isinstance(network, PriorsAsModalities) else ()
        self.scale = nn.Parameter(torch.ones(2, len(self.of)))
        last = network.class_head[-1]
        assert isinstance(last, nn.Linear)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(self, batch: Batch) -> Output:
        """Runs the network and adds the priors whose modality is present.

        Raises:
            ModelError: The batch has other priors.
        """
        wanted = (*self.of, *self.read)
        if set(batch.priors) != set(wanted):
            raise ModelError(f"this model takes the priors {wanted}; got {tuple(batch.priors)}")
        output: Output = self.network(replace(batch, priors={name: batch.priors[name] for name in self.read}))
        logits: Tensor = output.logits["class"].float()
        scale = self.scale[(batch.present.sum(dim=1) > 1).long()]
        for column, (name, modality) in enumerate(self.of.items()):
            absent = ~batch.present[:, batch.modalities.index(modality), None]
            logits = logits + (scale[:, column, None] * batch.priors[name]).masked_fill(absent, 0.0)
        return replace(output, logits={**output.logits, "class": logits})
