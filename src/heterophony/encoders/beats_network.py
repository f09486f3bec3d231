"""The network of BEATs: a post-norm transformer over patches of a spectrogram, with gated relative positions.

Source: Chen et al., BEATs: Audio Pre-Training with Acoustic Tokenizers, ICML 2023; the gate of the relative positions
from Chi et al., XLM-E, ACL 2022, section 2.3, the buckets from Raffel et al., T5, JMLR 2020, the scaled residuals from
Wang et al., DeepNet, 2022. Names of the parts are those of the published checkpoints (microsoft/unilm, beats).
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention
from torch.nn.utils.parametrizations import weight_norm


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatsSizes:
    """Sizes of the network; the defaults are the published ones.

    Attributes:
        patch: Frames and bands per patch.
        patch_dim: Numbers per patch before the projection.
        dim: Width of the transformer.
        hidden: Width inside the layers.
        layers: How many layers.
        heads: How many heads, a divisor of `dim`.
        buckets: Of relative positions; an even number.
        max_distance: From which distance on (in patches) all share a bucket.
        kernel: Of the convolution over positions.
        groups: Of that convolution.
        deep_norm: Whether what goes around a part of a layer is scaled by `(2 layers) ^ (1 / 4)`.
    """

    patch: int = 16
    patch_dim: int = 512
    dim: int = 768
    hidden: int = 3072
    layers: int = 12
    heads: int = 12
    buckets: int = 320
    max_distance: int = 800
    kernel: int = 128
    groups: int = 16
    deep_norm: bool = True


class Beats(nn.Module):
    """Normalised log-mel frames to the mean over the patches of the last layer."""

    def __init__(self, sizes: BeatsSizes) -> None:
        super().__init__()
        self.patch_embedding = nn.Conv2d(1, sizes.patch_dim, sizes.patch, stride=sizes.patch, bias=False)
        self.layer_norm = nn.LayerNorm(sizes.patch_dim)
        self.post_extract_proj = nn.Linear(sizes.patch_dim, sizes.dim)
        self.encoder = _Encoder(sizes)

    def forward(self, frames: Float[Tensor, "n frames bands"]) -> Float[Tensor, "n dim"]:
        """One vector per spectrogram; frames and bands beyond the last whole patch are not seen."""
        patches = self.patch_embedding(frames[:, None]).flatten(2).transpose(1, 2)  # bands of one time are neighbours
        tokens: Tensor = self.encoder(self.post_extract_proj(self.layer_norm(patches)))
        return tokens.mean(dim=1)


class _Encoder(nn.Module):
    """Positions from a convolution, then the layers, which share the table of relative positions."""

    def __init__(self, sizes: BeatsSizes) -> None:
        super().__init__()
        self.max_distance = sizes.max_distance
        convolution = nn.Conv1d(sizes.dim, sizes.dim, sizes.kernel, padding=sizes.kernel // 2, groups=sizes.groups)
        self.pos_conv = nn.Sequential(weight_norm(convolution, dim=2))
        self.layer_norm = nn.LayerNorm(sizes.dim)
        self.relative_attention_bias = nn.Embedding(sizes.buckets, sizes.heads)
        self.layers = nn.ModuleList(_Layer(sizes) for _ in range(sizes.layers))

    def forward(self, tokens: Float[Tensor, "n length dim"]) -> Float[Tensor, "n length dim"]:
        """The tokens after the last layer."""
        length = tokens.shape[1]
        around = self.pos_conv(tokens.transpose(1, 2))[:, :, :length]  # an even kernel gives one position too many
        tokens = self.layer_norm(tokens + gelu(around.transpose(1, 2)))
        buckets = relative_buckets(length, self.relative_attention_bias.num_embeddings, self.max_distance)
        bias = self.relative_attention_bias(buckets).permute(2, 0, 1).contiguous()
        for layer in self.layers:
            tokens = layer(tokens, bias)
        return tokens


class _Layer(nn.Module):
    """Attention and two linear layers; each is added to what came in, scaled, and then normalised."""

    def __init__(self, sizes: BeatsSizes) -> None:
        super().__init__()
        self.scale = (2 * sizes.layers) ** 0.25 if sizes.deep_norm else 1.0
        self.self_attn = _Attention(sizes.dim, sizes.heads)
        self.self_attn_layer_norm = nn.LayerNorm(sizes.dim)
        self.fc1 = nn.Linear(sizes.dim, sizes.hidden)
        self.fc2 = nn.Linear(sizes.hidden, sizes.dim)
        self.final_layer_norm = nn.LayerNorm(sizes.dim)

    def forward(
        self, tokens: Float[Tensor, "n length dim"], bias: Float[Tensor, "heads length length"]
    ) -> Float[Tensor, "n length dim"]:
        """The tokens after this layer."""
        tokens = self.self_attn_layer_norm(self.scale * tokens + self.self_attn(tokens, bias))
        normed: Tensor = self.final_layer_norm(self.scale * tokens + self.fc2(gelu(self.fc1(tokens))))
        return normed


class _Attention(nn.Module):
    """Attention of tokens to each other; each query says how much its relative positions count."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(dim, dim)
        self.k_proj = nn.Linear(dim, dim)
        self.v_proj = nn.Linear(dim, dim)
        self.out_proj = nn.Linear(dim, dim)
        self.grep_linear = nn.Linear(dim // heads, 8)
        self.grep_a = nn.Parameter(torch.ones(1, heads, 1, 1))

    def forward(
        self, tokens: Float[Tensor, "n length dim"], bias: Float[Tensor, "heads length length"]
    ) -> Float[Tensor, "n length dim"]:
        """What each token takes from the others."""
        parts = (self.q_proj, self.k_proj, self.v_proj)
        query, key, value = (part(tokens).unflatten(2, (self.heads, -1)).transpose(1, 2) for part in parts)
        found = scaled_dot_product_attention(query, key, value, attn_mask=self._gate(query) * bias)
        taken: Tensor = self.out_proj(found.transpose(1, 2).flatten(2))
        return taken

    def _gate(self, query: Float[Tensor, "n heads length width"]) -> Float[Tensor, "n heads length 1"]:
        """`a (b grep_a - 1) + 2`, with `a` and `b` in 0..1 from the query: in 1..2 where `grep_a` is 1."""
        gates = torch.sigmoid(self.grep_linear(query).unflatten(3, (2, 4)).sum(dim=4))
        gate: Tensor = gates[..., :1] * (gates[..., 1:] * self.grep_a - 1.0) + 2.0
        return gate


def relative_buckets(length: int, buckets: int, max_distance: int) -> Int64[Tensor, "length length"]:
    """The bucket of each pair (query, key): one per distance when near, wider and wider ones when far.

    The lower half of the buckets is for keys before the query (or at it), the upper half for those after it. In each
    half the first half is one per distance; the rest is logarithmic up to `max_distance`, and the last bucket takes
    all that is farther.
    """
    places = torch.arange(length)
    offset = places[None, :] - places[:, None]
    half = buckets // 2
    exact = half // 2
    distance = offset.abs()
    ratio = torch.log(distance.clamp(min=1).float() / exact) / math.log(max_distance / exact)
    far = (exact + (ratio * (half - exact)).long()).clamp(max=half - 1)
    return torch.where(distance < exact, distance, far) + half * (offset > 0).long()
