"""The log-mel front end of MATPAC.

Source: the published MATPAC (Quelennec et al., Masked Latent Prediction and Classification for Self-Supervised Audio
Representation Learning, ICASSP 2025; aurianworld/matpac): 16 kHz; periodic Hann window of 25 ms every 10 ms; 400-point
Fourier transform, power; 80 of Slaney's mel bands of equal area from 50 to 8000 Hz; natural logarithm of the power plus
the epsilon of float32; mean and spread of its training set. Only whole frames count.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32

from heterophony.features.mel_energies import mel_energies
from heterophony.features.slaney_mel_filters import slaney_mel_filters

RATE_HZ = 16_000
FRAME = 400
HOP = 160
N_MELS = 80
OFFSET = np.finfo(np.float32).eps
MEAN = np.float32(-7.056)
SPREAD = np.float32(4.193)


@cache
def _hann() -> Float32[np.ndarray, " frame"]:
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)


@cache
def _filters() -> Float32[np.ndarray, "bins mels"]:
    return slaney_mel_filters(N_MELS, n_fft=FRAME, rate_hz=RATE_HZ, low_hz=50.0, high_hz=8000.0)


def matpac_log_mel(windows: Float32[np.ndarray, "n samples"]) -> Float32[np.ndarray, "n frames 80"]:
    """Normalised log-mel frames of windows at 16 kHz, samples in -1..1; `frames` is `1 + (samples - 400) // 160`.

    Args:
        windows: At least 400 samples each.
    """
    mel = mel_energies(windows, taper=_hann(), hop=HOP, n_fft=FRAME, filters=_filters(), of="power")
    mel += OFFSET
    log_mel = (np.log(mel, out=mel) - MEAN) / SPREAD
    return np.asarray(log_mel, dtype=np.float32)
