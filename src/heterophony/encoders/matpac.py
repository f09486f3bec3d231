"""MATPAC: a vision transformer that was taught itself by predicting and classifying hidden patches.

Source: Quelennec, Chouteau, Peeters and Essid, Masked Latent Prediction and Classification for Self-Supervised Audio
Representation Learning, ICASSP 2025; weights of aurianworld/matpac. The vector is what the published "precise"
inference makes: the last block, normalised, the 5 patches of one time side by side, mean over time.

The published code takes the spectrogram of a whole recording in pieces of 608 frames; the last piece has what is left,
and each piece counts by its length. Our windows are the same pieces, but the last one is shifted back to end with the
recording and counts like the others. A recording of at most 608 frames gives the same vector; as in the audio-text
ensemble (DCASE 2026 task 1), a shorter one than 1 s is followed by zeros.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from heterophony.encoders.matpac_network import Matpac, MatpacSizes
from heterophony.encoders.torch_network import Settings
from heterophony.encoders.torch_sound import TorchSound
from heterophony.features.matpac_log_mel import FRAME, HOP, N_MELS, RATE_HZ, matpac_log_mel

FRAMES = 608  # per window
HEAD_DIM = 64  # of a vision transformer of any size; the checkpoint does not say it

# Parts of its training, and of models made from it, that the embedding does not need
UNUSED = ("decoder.", "teacher_encoder.", "cls_student_head.", "cls_teacher_head.", "cls_head_loss.", "log_mel.")


def matpac() -> TorchSound:
    """Sound encoder: windows of 608 frames (6.1 s) at 16 kHz to 3840 numbers."""
    return TorchSound(
        name="matpac",
        weights="matpac",
        prepare=matpac_log_mel,
        build=build,
        rate_hz=RATE_HZ,
        window=(FRAMES - 1) * HOP + FRAME,
        hop=FRAMES * HOP,  # the frames of one window follow those of the one before
        shortest=RATE_HZ,
        dim=3840,
    )


def build(tensors: Mapping[str, Tensor], settings: Settings) -> nn.Module:
    """The network with the sizes of its tensors.

    Raises:
        KeyError: Tensors are missing.
        RuntimeError: Tensors are missing, of another shape, or too many.
    """
    wanted = {
        name.replace("patch_embed.proj.", "patch_embed."): tensor
        for name, tensor in tensors.items()
        if not name.startswith(UNUSED)
    }
    with torch.device("meta"):
        network = Matpac(_sizes(wanted))
    network.load_state_dict(wanted, assign=True)
    return network


def _sizes(tensors: Mapping[str, Tensor]) -> MatpacSizes:
    hidden, dim = tensors["student_encoder.blocks.0.mlp.fc1.weight"].shape
    patch = tensors["patch_embed.weight"].shape[-1]
    bands = N_MELS // patch
    return MatpacSizes(
        patch=patch,
        bands=bands,
        times=(tensors["pos_embed"].shape[1] - 1) // bands,
        dim=dim,
        hidden=hidden,
        depth=sum(name.endswith(".mlp.fc1.weight") for name in tensors),
        heads=max(1, dim // HEAD_DIM),
    )
