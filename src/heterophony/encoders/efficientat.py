"""EfficientAT: MobileNetV3 trained on the 527 classes of AudioSet by learning from a transformer.

Source: Schmid, Koutini and Widmer, Efficient Large-Scale Audio Tagging via Transformer-to-CNN Knowledge Distillation,
ICASSP 2023; weights of https://github.com/fschmid56/EfficientAT (MIT). The batch normalisation is folded into the
convolutions, which changes nothing but rounding.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from heterophony.encoders.efficientat_network import BLOCKS, BlockWidths, EfficientAt, Outputs
from heterophony.encoders.fold_norms import fold_norms
from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_sound import TorchSound
from heterophony.features.efficientat_log_mel import RATE_HZ, efficientat_log_mel

DIMS = {"mn04": 384, "mn10": 960}
CLASSES = 527
SUFFIXES: dict[Outputs, str] = {"embedding": "", "scores": "-scores", "both": "+scores"}


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


def efficientat(size: str, outputs: Outputs = "embedding") -> TorchSound:
    """Sound encoder: windows of 10 s, as it was trained, at 32 kHz; a shorter recording is one window of its length.

    Args:
        size: "mn04" (983,599 parameters, embedding of 384 numbers) or "mn10" (4,876,831 parameters, 960 numbers).
        outputs: "embedding" (the average of the last feature map), "scores" (527 probabilities of AudioSet classes, in
            the order of its `class_labels_indices.csv`) or "both", the embedding first.
    """
    dims = {"embedding": DIMS[size], "scores": CLASSES, "both": DIMS[size] + CLASSES}
    return TorchSound(
        name=f"efficientat-{size}{SUFFIXES[outputs]}",
        weights=f"efficientat-{size}",
        prepare=efficientat_log_mel,
        build=BuildEfficientAt(outputs),
        rate_hz=RATE_HZ,
        window=10 * RATE_HZ,
        hop=10 * RATE_HZ,
        shortest=RATE_HZ,
        dim=dims[outputs],
    )
