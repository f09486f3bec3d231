"""Attention over modalities: one scalar weight per modality and sample."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from heterophony.errors import InputError


class AttentionFusion(nn.Module):
    """Weighs the modalities of each sample and adds them up, over the modalities that the sample has.

    With f_1 .. f_n the modality vectors of one sample and absent ones set to zero::

        s     = W2 tanh(W1 [f_1; ..; f_n] + b1) + b2         W1: [dim, n dim], W2: [n, dim]
        a     = softmax(s), with s_i = -inf where modality i is absent
        fused = sum_i a_i f_i

    Where all are present this is the formula of the paper (HATR, the audio-text report, "attention fusion") to the
    letter. The mask is ours: an absent modality gets the weight 0 exactly and cannot influence the result.

    Args:
        n_modalities: How many modalities there are, >= 1.
        dim: Size of each modality vector.

    Example:
        >>> fusion = AttentionFusion(n_modalities=2, dim=4)
        >>> features = {"sound": torch.ones(3, 4), "words": torch.zeros(3, 4)}
        >>> _, weights = fusion(features, torch.tensor([[True, False]] * 3))
        >>> weights[0].tolist()
        [1.0, 0.0]
    """

    def __init__(self, n_modalities: int, dim: int) -> None:
        super().__init__()
        self.n_modalities = n_modalities
        self.hidden = nn.Linear(n_modalities * dim, dim)
        self.score = nn.Linear(dim, n_modalities)

    def forward(
        self,
        features: dict[str, Float[Tensor, "batch dim"]],
        present: Bool[Tensor, "batch modalities"],
    ) -> tuple[Float[Tensor, "batch dim"], Float[Tensor, "batch modalities"]]:
        """Fuses.

        Args:
            features: Modality name to vectors, in the order of the columns of `present`. What stands in rows of
                absent modalities does not matter, not even NaN.
            present: True where the sample has the modality.

        Returns:
            The fused vectors, and the weights: >= 0, 0 where absent, each row sums to 1.

        Raises:
            InputError: A sample has no modality at all, or the number of modalities is another one.
        """
        refuse_samples_without_modality(present)
        if not len(features) == present.shape[1] == self.n_modalities:
            raise InputError(
                f"this fusion takes {self.n_modalities} modalities; it got features of {sorted(features)} "
                f"and {present.shape[1]} columns of presence"
            )
        stacked = torch.stack(list(features.values()), dim=1)  # [batch, modalities, dim]
        stacked = stacked.masked_fill(~present.unsqueeze(2), 0.0)
        score = self.score(torch.tanh(self.hidden(stacked.flatten(1))))  # [batch, modalities]
        weights = torch.softmax(score.masked_fill(~present, -torch.inf), dim=1)
        return torch.linalg.vecdot(weights.unsqueeze(2), stacked, dim=1), weights


def refuse_samples_without_modality(present: Bool[Tensor, "batch modalities"]) -> None:
    """Refuses samples that have no modality: nothing could be said about them.

    Raises:
        InputError: Names the rows, at most five of them.
    """
    empty = ~present.any(dim=1)
    if bool(empty.any()):
        rows = empty.nonzero().flatten().tolist()
        shown = ", ".join(map(str, rows[:5])) + (" …" if len(rows) > 5 else "")
        raise InputError(
            f"{len(rows)} of {len(present)} samples have no modality at all (rows {shown}); "
            "every sample needs at least one: leave these out"
        )
