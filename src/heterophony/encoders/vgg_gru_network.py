"""VGG-16 on each frame, and a recurrent layer over the frames of a second in both directions.

Source: Naranjo-Alcazar et al., Squeeze-Excitation Convolutional Recurrent Neural Networks for Audio-Visual Scene
Classification, DCASE 2021, the part that looks; Cho et al., EMNLP 2014. There the convolutions start from weights of
Places365, the recurrent layer from those of Keras. The recurrent layer of Keras (`reset_after`) is that of PyTorch: two
biases, the reset gate after the product.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from heterophony.encoders.vgg_network import VGG16, Blocks, vgg_features


class VggGru(nn.Module):
    """VGG-16's convolutions, the maximum over the map, a GRU over the frames; its mean over them is the embedding.

    With the published sizes it has 14,820,170 parameters: 14,714,688 of VGG-16, 104,832 of the GRU, 650 of the head.
    The convolutional part has the names of torchvision's VGG-16 ("features.0.weight" …).

    Args:
        n_classes: Of the head; 0 for none, then the embedding is all that it can give.
        blocks: As in `vgg_features`.
        units: Of the GRU in each direction; the embedding is twice as long.
        dropout: Before the head, 0 <= dropout < 1.
    """

    def __init__(self, n_classes: int = 10, blocks: Blocks = VGG16, units: int = 32, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = vgg_features(blocks)
        self.gru = nn.GRU(blocks[-1][-1], units, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * units, n_classes) if n_classes else nn.Identity()
        for name, weight in (*self.gru.named_parameters(), *self.head.named_parameters()):
            _start(name, weight)

    def per_frame(self, pixels: Float[Tensor, "n times 3 height width"]) -> Float[Tensor, "n times dim"]:
        """What the GRU says at each frame; pixels are red, green, blue, 0..255, nothing subtracted."""
        said: Tensor = self.gru(self._seen(pixels))[0]
        return said

    def sequence(self, pixels: Float[Tensor, "n times 3 height width"]) -> Float[Tensor, "n dim"]:
        """What each frame shows, then what the GRU says at each: with five frames `5 * 512 + 5 * 64` numbers.

        It is what the recurrent fusion of the paper reads.
        """
        seen = self._seen(pixels)
        return torch.cat([seen.flatten(1), self.gru(seen)[0].flatten(1)], 1)

    def _seen(self, pixels: Float[Tensor, "n times 3 height width"]) -> Float[Tensor, "n times channels"]:
        """The maximum over the last map of each frame."""
        maps = self.features(pixels.flatten(0, 1))
        seen: Tensor = maps.amax((2, 3)).unflatten(0, pixels.shape[:2])
        return seen

    def embed(self, pixels: Float[Tensor, "n times 3 height width"]) -> Float[Tensor, "n dim"]:
        """One vector per second."""
        return self.per_frame(pixels).mean(1)

    def forward(self, pixels: Float[Tensor, "n times 3 height width"]) -> Float[Tensor, "n classes"]:
        """Log-probabilities: the logarithm of the mean over the frames of their softmax. They are logits, too."""
        each = torch.log_softmax(self.head(self.dropout(self.per_frame(pixels))), -1)
        return torch.logsumexp(each, 1) - math.log(pixels.shape[1])


def _start(name: str, weight: Tensor) -> None:
    """What Keras starts from: no biases, orthogonal recurrent weights, the others uniform after Glorot."""
    if "bias" in name:
        nn.init.zeros_(weight)
    elif name.startswith("weight_hh"):
        nn.init.orthogonal_(weight)
    else:
        nn.init.xavier_uniform_(weight)
