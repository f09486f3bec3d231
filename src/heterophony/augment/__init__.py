"""Augmentations: `apply(batch, draw(batch, generator))`; whole batches at a time, targets stay soft."""

from typing import Any

from heterophony.augment.augmentation import Augmentation, augmented
from heterophony.augment.cross_modal_swap import CrossModalSwap, swap_pool
from heterophony.augment.cutmix import CutMix
from heterophony.augment.masking import Masking
from heterophony.augment.mixup import Mixup
from heterophony.augment.modality_dropout import ModalityDropout
from heterophony.augment.noise import Noise

AUGMENTATIONS: dict[str, type[Augmentation[Any]]] = {
    "cross-modal-swap": CrossModalSwap,
    "cutmix": CutMix,
    "masking": Masking,
    "mixup": Mixup,
    "modality-dropout": ModalityDropout,
    "noise": Noise,
}

__all__ = [
    "AUGMENTATIONS",
    "Augmentation",
    "CrossModalSwap",
    "CutMix",
    "Masking",
    "Mixup",
    "ModalityDropout",
    "Noise",
    "augmented",
    "swap_pool",
]
