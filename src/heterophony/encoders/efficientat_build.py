"""From a published checkpoint of EfficientAT to its network; loaded only where the network is run."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from heterophony.encoders.efficientat_network import BLOCKS, BlockWidths, EfficientAt, Outputs
from heterophony.encoders.fold_norms import fold_norms
from heterophony.encoders.torch_network import Settings


@dataclass(frozen=True, slots=True)
class BuildEfficientAt:
    """Makes the loaded network from a published checkpoint; equal outputs make equal builders."""

    outputs: Outputs = "embedding"

    def __call__(self, tensors: Mapping[str, Tensor], settings: Settings) -> nn.Module:
        """The network with the widths of its tensors.

        Raises:
            KeyError: Tensors are missing.
            RuntimeError: Tensors are missing, of another shape, or too many.
        """
        hidden, last = tensors["classifier.2.weight"].shape
        network = EfficientAt(
            len(tensors["features.0.0.weight"]),
            [_widths(tensors, f"features.{1 + index}.block") for index in range(len(BLOCKS))],
            last=last,
            hidden=hidden,
            classes=len(tensors["classifier.5.weight"]),
            outputs=self.outputs,
        )
        network.load_state_dict(dict(tensors))
        fold_norms(network)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return network


def _widths(tensors: Mapping[str, Tensor], block: str) -> BlockWidths:
    """The widths of a block: its first convolution says how wide it is, its last how many channels leave it."""
    gates = [index for index in (1, 2) if f"{block}.{index}.conc_se_layers.0.fc1.weight" in tensors]
    last = max(index for index in (1, 2, 3) if index == 1 or f"{block}.{index}.0.weight" in tensors)
    return BlockWidths(
        wide=len(tensors[f"{block}.0.0.weight"]),
        out=len(tensors[f"{block}.{last}.0.weight"]),
        squeezed=len(tensors[f"{block}.{gates[0]}.conc_se_layers.0.fc1.weight"]) if gates else 0,
    )


build_embedding = BuildEfficientAt("embedding")
build_scores = BuildEfficientAt("scores")
build_both = BuildEfficientAt("both")
