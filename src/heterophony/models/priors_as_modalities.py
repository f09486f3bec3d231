"""A network that reads class priors as inputs, beside the modalities that they were made from."""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import nn

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models.hatr import Hatr
from heterophony.models.output import Output


class PriorsAsModalities(nn.Module):
    """Gives a network the probabilities of each prior as one more modality.

    ::

        inputs[p] = exp(log_prior_p)         present[p] = present[m(p)]        for each prior p of a modality m(p)

    The winner of the challenge feeds a prior q as m = q^T E with a trained matrix E (audio_text.md 9.2, a). HATR's
    encoder is a superset of that: its first layers normalise the coordinates of q and multiply them by a matrix, and
    attention then decides for each sample how much the prior is heard. Since presence follows the modality, a
    sample whose words are left out or dropped has no prior from words either.

    Augmentations never meet the priors as inputs: they are `Batch.priors` until they are here. The attention that a
    prior gets is counted to the modality that it was made from, so that there is one weight for each modality.

    Args:
        network: Takes the modalities of the batches and then the priors, under their own names.
        of: Prior to the modality whose presence is its own; at least one, in the network's order.

    Raises:
        ModelError: No prior, or the network's last inputs are others.
    """

    def __init__(self, network: Hatr, of: Mapping[str, str]) -> None:
        super().__init__()
        if not of or network.modalities[-len(of) :] != tuple(of):
            raise ModelError(
                f"the network must read the priors {tuple(of)} last, at least one; it reads {network.modalities}"
            )
        self.network = network
        self.of = dict(of)

    @property
    def class_head(self) -> nn.Sequential:
        """What makes the network's class logits."""
        return self.network.class_head

    def forward(self, batch: Batch) -> Output:
        """Runs the network on the modalities and the priors.

        Returns:
            The network's output; its attention has the columns of `batch.present`.

        Raises:
            ModelError: The batch has other priors.
        """
        if set(batch.priors) != set(self.of):
            raise ModelError(f"this model reads the priors {tuple(self.of)}; got {tuple(batch.priors)}")
        source = torch.tensor(
            [batch.modalities.index(modality) for modality in self.of.values()], device=batch.present.device
        )
        said = {name: batch.priors[name].exp() for name in self.of}
        present = torch.cat([batch.present, batch.present[:, source]], dim=1)
        output: Output = self.network(replace(batch, inputs={**batch.inputs, **said}, present=present, priors={}))
        n = len(batch.modalities)
        return replace(output, attention=output.attention[:, :n].index_add(1, source, output.attention[:, n:]))
