"""Augmentations: `apply(x, draw(x, generator))`, of whole batches with soft targets, or of what an encoder is given."""

from typing import Any

from heterophony.augment.additive_noise import AdditiveNoise
from heterophony.augment.augmentation import Augmentation, Perturbation, augmented, perturbed
from heterophony.augment.channel_confusion import ChannelConfusion
from heterophony.augment.cross_modal_swap import CrossModalSwap, swap_pool
from heterophony.augment.cutmix import CutMix
from heterophony.augment.masking import Masking
from heterophony.augment.mixup import Mixup
from heterophony.augment.modality_dropout import ModalityDropout
from heterophony.augment.noise import Noise
from heterophony.augment.pitch_shift import PitchShift
from heterophony.augment.rand_augment import RandAugment
from heterophony.augment.same_class_mix import SameClassMix
from heterophony.augment.spec_augment import SpecAugment
from heterophony.augment.speed_change import SpeedChange

AUGMENTATIONS: dict[str, type[Augmentation[Any]]] = {
    "cross-modal-swap": CrossModalSwap,
    "cutmix": CutMix,
    "masking": Masking,
    "mixup": Mixup,
    "modality-dropout": ModalityDropout,
    "noise": Noise,
}
"""Of batches."""
WAVEFORM_AUGMENTATIONS: dict[str, type[Perturbation[Any, Any]]] = {
    "additive-noise": AdditiveNoise,
    "pitch-shift": PitchShift,
    "same-class-mix": SameClassMix,
    "speed-change": SpeedChange,
}
"""Of one waveform, float32 `[channels, samples]`."""
SPECTROGRAM_AUGMENTATIONS: dict[str, type[Perturbation[Any, Any]]] = {
    "channel-confusion": ChannelConfusion,
    "spec-augment": SpecAugment,
}
"""Of spectrograms, `[batch, channels, bins, frames]`."""
PICTURE_AUGMENTATIONS: dict[str, type[Perturbation[Any, Any]]] = {
    "rand-augment": RandAugment,
}
"""Of the pictures of one clip, uint8 `[frames, height, width, 3]`."""

__all__ = [
    "AUGMENTATIONS",
    "PICTURE_AUGMENTATIONS",
    "SPECTROGRAM_AUGMENTATIONS",
    "WAVEFORM_AUGMENTATIONS",
    "AdditiveNoise",
    "Augmentation",
    "ChannelConfusion",
    "CrossModalSwap",
    "CutMix",
    "Masking",
    "Mixup",
    "ModalityDropout",
    "Noise",
    "Perturbation",
    "PitchShift",
    "RandAugment",
    "SameClassMix",
    "SpecAugment",
    "SpeedChange",
    "augmented",
    "perturbed",
    "swap_pool",
]
