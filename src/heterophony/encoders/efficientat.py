"""EfficientAT: MobileNetV3 trained on the 527 classes of AudioSet by learning from a transformer.

Source: Schmid, Koutini and Widmer, Efficient Large-Scale Audio Tagging via Transformer-to-CNN Knowledge Distillation,
ICASSP 2023; weights of https://github.com/fschmid56/EfficientAT (MIT). The batch normalisation is folded into the
convolutions, which changes nothing but rounding.
"""

from typing import Literal

from heterophony.encoders.torch_sound import TorchSound
from heterophony.features.efficientat_log_mel import RATE_HZ, efficientat_log_mel

DIMS = {"mn04": 384, "mn10": 960}
CLASSES = 527
Outputs = Literal["embedding", "scores", "both"]
SUFFIXES: dict[Outputs, str] = {"embedding": "", "scores": "-scores", "both": "+scores"}


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
        build=f"heterophony.encoders.efficientat_build:build_{outputs}",
        rate_hz=RATE_HZ,
        window=10 * RATE_HZ,
        hop=10 * RATE_HZ,
        shortest=RATE_HZ,
        dim=dims[outputs],
    )
