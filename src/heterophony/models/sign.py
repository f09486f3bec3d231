r"""A graph model without a graph in training: features are spread once, and a plain network reads their mixture.

Source: E. Rossi et al., "SIGN: scalable inception graph neural networks", 2020, and F. Wu et al., "Simplifying graph
convolutional networks" (SGC), ICML 2019: the propagation has no weights, so its powers can be made before training,
which then goes in mini-batches, however many samples there are. SIGN reads the powers side by side; here they are mixed
with learned weights, as DM-GCN mixes graphs (ours).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from heterophony.batches import Batch
from heterophony.errors import ConfigError, InputError, ModelError
from heterophony.graph.diffusion import diffused
from heterophony.models.mlp import Mlp
from heterophony.models.node_bank import NodeBank
from heterophony.models.nodes import Nodes
from heterophony.models.output import Output


class Sign(nn.Module):
    r"""`mlp` over $\sum_b \theta_b B_b$, the blocks being $X$ and, for each graph m, $L_m X, \ldots, L_m^p X$.

    X is the vectors of all modalities side by side. theta is a softmax of free numbers, equal at first; where a sample
    lacks a modality, the blocks of its graph have no weight. With p = 0 it is the `mlp`.

    Args:
        dim: Size of X.
        n_classes: Size of the head.
        n_graphs: M.
        steps: p, >= 0.
        hidden: Widths of the network.
        dropout: 0 <= p < 1.

    Raises:
        ConfigError: `steps` is negative.
    """

    def __init__(
        self,
        dim: int,
        n_classes: int,
        n_graphs: int,
        steps: int = 2,
        hidden: Sequence[int] = (256, 128),
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if steps < 0:
            raise ConfigError(f"Sign: steps={steps}; wanted 0 or more")
        self.n_graphs, self.steps = n_graphs, steps
        self.theta = nn.Parameter(torch.zeros(1 + n_graphs * steps))
        self.mlp = Mlp({"mixed": dim}, n_classes, hidden, dropout)

    def forward(self, blocks: Batch) -> Output:
        """Logits, the last layer, and what each modality weighs: X counts for all that are there.

        Args:
            blocks: From `blocks_of_nodes` or `blocks_of_bank`: the blocks as inputs, float16 or float32.

        Raises:
            ModelError: There are more or fewer blocks.
        """
        if len(blocks.inputs) != len(self.theta):
            raise ModelError(f"this model mixes {len(self.theta)} blocks; got {len(blocks.inputs)}")
        weight = self.mixture(blocks)
        mixed = sum(
            share[:, None] * x.to(weight.dtype) for share, x in zip(weight.T, blocks.inputs.values(), strict=True)
        )
        there = torch.ones((len(blocks), 1), dtype=torch.bool)
        plain = Batch(inputs={"mixed": mixed}, present=there, target=blocks.target, weight=blocks.weight)
        said: Output = self.mlp(plain)
        return Output(logits=said.logits, latent=said.latent, attention=self._of_modalities(weight, blocks))

    def mixture(self, blocks: Batch) -> Float[Tensor, "batch blocks"]:
        """Theta of each sample: >= 0, 0 where absent; sums to 1, or to 0 where a sample has nothing."""
        share = self.theta.softmax(dim=0) * blocks.present
        return share / share.sum(dim=1, keepdim=True).clamp_min(torch.finfo(share.dtype).tiny)

    def _of_modalities(self, weight: Float[Tensor, "batch blocks"], blocks: Batch) -> Float[Tensor, "batch _"]:
        if self.steps == 0:
            return weight
        spread = weight[:, 1:].unflatten(1, (self.n_graphs, self.steps)).sum(dim=2)  # type: ignore[no-untyped-call]
        there = blocks.present[:, 1 :: self.steps].to(weight.dtype)
        own: Tensor = spread + weight[:, :1] * there / there.sum(dim=1, keepdim=True).clamp_min(1)
        return own


class SignOnNodes(nn.Module):
    """`Sign` for `Banked`: makes the blocks of the samples asked for, and asks."""

    def __init__(self, sign: Sign) -> None:
        super().__init__()
        self.sign = sign

    def forward(self, given: Nodes) -> Output:
        """The output for the samples asked for."""
        output: Output = self.sign(blocks_of_nodes(given, self.sign.steps))
        return output


def blocks_of_nodes(given: Nodes, steps: int) -> Batch:
    """The blocks of the samples asked for, in the order that `Sign` reads: X, then graph by graph its powers.

    A new sample's block is $B_r = R B_{r-1} + r_0 B_{r-1}$ over the bank's and its own: the row of the dense block
    matrix to the power r.
    """
    inputs = {"x": given.own[0]}
    for place, first in enumerate(given.first):
        spread = first
        for step in range(1, steps + 1):
            if step > 2:
                spread = given.graphs[place] @ spread
            inputs[f"{place}^{step}"] = spread[given.rows] if step == 1 else given.asked[place] @ spread
    return _batch(inputs, given.present[given.rows], steps)


def blocks_of_bank(bank: NodeBank, steps: int, folder: Path | None = None) -> Batch:
    """The blocks of all samples of a bank, for training.

    Args:
        bank: With separate graphs and joined features.
        steps: p.
        folder: Where they are kept as float16 files in place of memory; None: float32 in memory.

    Raises:
        InputError: A number is too large for float16.
    """
    x = bank.features(bank.vectors)[0]
    inputs = {"x": x if folder is None else _on_disk(x, folder / "x.f16")}
    presence = bank.presence(bank.present)
    for place, laplacian in enumerate(bank.laplacians()):
        for step, spread in enumerate(diffused(laplacian, x * presence[:, place, None], steps), start=1):
            name = f"{place}^{step}"
            inputs[name] = spread if folder is None else _on_disk(spread, folder / f"{name}.f16")
    return _batch(inputs, presence, steps)


def _batch(inputs: dict[str, Tensor], presence: Tensor, steps: int) -> Batch:
    """Blocks as a batch: X is there where anything is."""
    present = torch.cat([presence.any(dim=1, keepdim=True), presence.repeat_interleave(steps, dim=1)], dim=1)
    return Batch(inputs=inputs, present=present, target=torch.zeros(len(present), 0), weight=torch.ones(len(present)))


def _on_disk(x: Float[Tensor, "samples dim"], path: Path) -> Tensor:
    """The same numbers as float16, read from a file where they are needed."""
    if len(x) and float(x.abs().max()) > torch.finfo(torch.float16).max:
        raise InputError(f"a number of {float(x.abs().max()):.3g} is too large for float16; scale them, or use memory")
    kept = np.memmap(path, dtype=np.float16, mode="w+", shape=tuple(x.shape))
    kept[:] = x.numpy()
    kept.flush()
    return torch.from_numpy(kept)
