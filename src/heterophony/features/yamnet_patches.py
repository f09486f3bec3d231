"""The log-mel front end of YAMNet.

Source: the published YAMNet (Plakal and Ellis, tensorflow/models, research/audioset/yamnet): `patch_log_mel` with 64
HTK mel bands and `log(mel + 0.001)`.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32

from heterophony.features.mel_filters import mel_filters
from heterophony.features.patch_log_mel import HIGH_HZ, LOW_HZ, N_FFT, N_MELS, RATE_HZ, patch_log_mel

OFFSET = 0.001


@cache
def _filters() -> Float32[np.ndarray, "bins mels"]:
    return mel_filters(N_MELS, n_fft=N_FFT, rate_hz=RATE_HZ, low_hz=LOW_HZ, high_hz=HIGH_HZ)


def yamnet_log_mel(windows: Float32[np.ndarray, "n 15600"]) -> Float32[np.ndarray, "n 96 64"]:
    """Log-mel patches of windows of 15600 samples at 16 kHz, samples in -1..1.

    Natural logarithm; digital silence is `log(0.001)` = -6.91 everywhere.
    """
    return patch_log_mel(windows, _filters(), OFFSET)
