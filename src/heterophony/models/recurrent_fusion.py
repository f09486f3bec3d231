"""Fusion over the steps of a second: what two networks heard and saw at each, read by a recurrent layer."""

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.errors import ModelError
from heterophony.models.dropout import Dropout
from heterophony.models.output import Output, even_attention

SOUND, PICTURES = "sound", "pictures"


class RecurrentFusion(nn.Module):
    """The baseline of the multimodal graph fusion paper, over vectors that hold sequences.

    ::

        sound    = [a_1 .. a_5, a]       a_t: the map, averaged over frequency; a: the embedding (se-conv+sequence)
        pictures = [v_1 .. v_5, g_1 .. g_5]      v_t: VGG-16's frame; g_t: what the GRU says (vgg16-bigru+sequence)

        p_a    = softmax(W_a a)                    p_v = mean_t softmax(W_v g_t)
        p      = softmax(W mean_t BiGRU([a_1, v_1] .. [a_5, v_5]))
        logits = W' [p, p_a, p_v]

    Source: Naranjo-Alcazar et al., Squeeze-Excitation Convolutional Recurrent Neural Networks for Audio-Visual Scene
    Classification, DCASE 2021 (audio_visual.md B.4). With the published sizes (128 and 512 numbers a step, 64 of the
    GRU over the frames, 64 units in each direction here, ten classes) 271,104 + 1,290 + 310 = 272,704 parameters, as
    published, where the heads of the two networks, W_a (1,290) and W_v (650), stay as they are: train them `alone`
    first, and freeze the group `heads`.

    Ours: initial values are the framework's, and with frozen heads there is no dropout. Of an absent modality the steps
    and the posterior are zeros.

    Args:
        input_dims: "sound" and "pictures" to the sizes of their vectors, in the order of `Batch.inputs`.
        n_classes: Size of the heads.
        units: Of the recurrent layer, in each direction.
        seen: Size of g_t.
        steps: Of a vector.
        dropout: Before W_v, while it is trained alone; 0 <= p < 1.

    Raises:
        ModelError: Other modalities, or vectors of other sizes.
    """

    def __init__(
        self,
        input_dims: Mapping[str, int],
        n_classes: int,
        *,
        units: int = 64,
        seen: int = 64,
        steps: int = 5,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if set(input_dims) != {SOUND, PICTURES}:
            raise ModelError(f"RecurrentFusion reads {SOUND} and {PICTURES}; got {', '.join(input_dims) or 'none'}")
        heard, sound_rest = divmod(input_dims[SOUND], steps + 1)
        frame, pictures_rest = divmod(input_dims[PICTURES], steps)
        if sound_rest or pictures_rest or frame <= seen:
            raise ModelError(
                f"RecurrentFusion: vectors of {input_dims[SOUND]} numbers of {SOUND} and {input_dims[PICTURES]} of "
                f"{PICTURES}; wanted {steps} steps and an embedding of their size, and {steps} steps of more than "
                f"{seen} numbers: take the encoders se-conv+sequence and vgg16-bigru+sequence"
            )
        self.modalities = tuple(input_dims)
        self.steps, self.heard, self.frame = steps, heard, frame - seen
        self.heads = nn.ModuleDict(
            {SOUND: SoundHead(heard, n_classes), PICTURES: PicturesHead(seen, n_classes, steps, dropout)}
        )
        self.gru = nn.GRU(heard + self.frame, units, batch_first=True, bidirectional=True)
        self.fused = nn.Linear(2 * units, n_classes)
        self.head = nn.Linear(3 * n_classes, n_classes)

    def forward(self, batch: Batch) -> Output:
        """Logits "class", the mean over the steps `[batch, 2 units]`, the same weight for every modality that is there.

        Raises:
            ModelError: The batch has other modalities.
        """
        if batch.modalities != self.modalities:
            raise ModelError(f"this model takes the modalities {self.modalities}; got {batch.modalities}")
        there = {name: batch.present[:, place, None] for place, name in enumerate(self.modalities)}
        sound, pictures = (batch.inputs[name] * there[name] for name in (SOUND, PICTURES))
        latent: Tensor = self.gru(self._steps(sound, pictures))[0].mean(1)
        said = [self.alone(name).said(batch.inputs[name]).softmax(1) * there[name] for name in (SOUND, PICTURES)]
        logits = self.head(torch.cat([self.fused(latent).softmax(1), *said], dim=1))
        return Output(logits={"class": logits}, latent=latent, attention=even_attention(batch.present))

    def alone(self, modality: str) -> "SoundHead | PicturesHead":
        """The head of "sound" or "pictures": takes batches of that one, shares its parameters with this model."""
        head = self.heads[modality]
        assert isinstance(head, SoundHead | PicturesHead)
        return head

    def _steps(
        self, sound: Float[Tensor, "batch heard"], pictures: Float[Tensor, "batch seen"]
    ) -> Float[Tensor, "batch steps both"]:
        """What was heard and seen at each step, side by side."""
        heard = sound[:, : self.steps * self.heard].reshape(-1, self.steps, self.heard)
        frames = pictures[:, : self.steps * self.frame].reshape(-1, self.steps, self.frame)
        return torch.cat([heard, frames], dim=2)


class SoundHead(nn.Module):
    """W_a, over the embedding at the end of a vector of sound.

    Args:
        heard: Size of the embedding.
        n_classes: Size of the head.
    """

    def __init__(self, heard: int, n_classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(heard, n_classes)

    def forward(self, batch: Batch) -> Output:
        """Logits "class" and the embedding, of batches of sound alone; an absent one is zero."""
        sound = _only(batch, SOUND)
        latent = sound[:, -self.linear.in_features :]
        return Output(logits={"class": self.said(sound)}, latent=latent, attention=even_attention(batch.present))

    def said(self, sound: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch classes"]:
        """Logits."""
        logits: Tensor = self.linear(sound[:, -self.linear.in_features :])
        return logits


class PicturesHead(nn.Module):
    """W_v, over each g_t at the end of a vector of pictures; what is said is the mean of their probabilities.

    Args:
        seen: Size of g_t.
        n_classes: Size of the head.
        steps: Of them.
        dropout: Before the head, 0 <= p < 1.
    """

    def __init__(self, seen: int, n_classes: int, steps: int, dropout: float) -> None:
        super().__init__()
        self.steps = steps
        self.dropout = Dropout(dropout)
        self.linear = nn.Linear(seen, n_classes)

    def forward(self, batch: Batch) -> Output:
        """Logits "class" and the mean of g_t, of batches of pictures alone; absent ones are zero."""
        pictures = _only(batch, PICTURES)
        latent = self._seen(pictures).mean(1)
        return Output(logits={"class": self.said(pictures)}, latent=latent, attention=even_attention(batch.present))

    def said(self, pictures: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch classes"]:
        """The logarithm of the mean probabilities, which are logits, too."""
        each: Tensor = self.linear(self.dropout(self._seen(pictures))).log_softmax(2)
        return each.logsumexp(1) - math.log(self.steps)

    def _seen(self, pictures: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch steps seen"]:
        width = self.linear.in_features
        return pictures[:, -self.steps * width :].reshape(-1, self.steps, width)


def _only(batch: Batch, modality: str) -> Float[Tensor, "batch dim"]:
    """The vectors of the only modality of a batch, zero where it is absent.

    Raises:
        ModelError: The batch has other modalities.
    """
    if batch.modalities != (modality,):
        raise ModelError(f"this model takes the modality {modality} alone; got {batch.modalities}")
    return batch.inputs[modality] * batch.present
