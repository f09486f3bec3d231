"""The log-mel front end of the ConvNeXt that was trained on AudioSet.

Source: Pellegrini et al., Adapting a ConvNeXt Model to Audio Classification on AudioSet, Interspeech 2023, and its
published code (https://github.com/topel/audioset-convnext-inf): 32 kHz; periodic Hann window of 1024 samples around
every 320, the ends mirrored; power; 224 mel bands of Slaney's kind, 50 to 14000 Hz; decibels, `10 log10(mel)`, at least
-100.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32

from heterophony.features.mel_energies import mel_energies
from heterophony.features.slaney_mel_filters import slaney_mel_filters

RATE_HZ = 32_000
FRAME = 1024
HOP = 320
N_MELS = 224
QUIETEST = np.float32(1e-10)


@cache
def _hann() -> Float32[np.ndarray, " frame"]:
    """Periodic Hann window, `0.5 - 0.5 cos(2 pi n / 1024)`."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)


@cache
def _filters() -> Float32[np.ndarray, "bins mels"]:
    return slaney_mel_filters(N_MELS, n_fft=FRAME, rate_hz=RATE_HZ, low_hz=50.0, high_hz=14_000.0)


def convnext_log_mel(windows: Float32[np.ndarray, "n samples"]) -> Float32[np.ndarray, "n frames 224"]:
    """Decibels of windows of more than 512 samples at 32 kHz, samples in -1..1; `1 + samples // 320` frames."""
    mirrored = np.pad(windows, [(0, 0), (FRAME // 2, FRAME // 2)], mode="reflect")
    mel = mel_energies(mirrored, taper=_hann(), hop=HOP, n_fft=FRAME, filters=_filters(), of="power")
    np.maximum(mel, QUIETEST, out=mel)
    np.log10(mel, out=mel)
    mel *= np.float32(10.0)
    return mel
