"""Augmentations: `apply(batch, draw(batch, generator))`; whole batches at a time, targets stay soft."""

from typing import Any

from heterophony.augment.augmentation import Augmentation, augmented
from heterophony.augment.masking import Masking
from heterophony.augment.modality_dropout import ModalityDropout
from heterophony.augment.noise import Noise

AUGMENTATIONS: dict[str, type[Augmentation[Any]]] = {
    "masking": Masking,
    "modality-dropout": ModalityDropout,
    "noise": Noise,
}

__all__ = ["AUGMENTATIONS", "Augmentation", "Masking", "ModalityDropout", "Noise", "augmented"]
