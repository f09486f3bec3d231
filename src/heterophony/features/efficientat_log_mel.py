"""The log-mel front end of EfficientAT.

Source: Schmid, Koutini and Widmer, ICASSP 2023, and its published code (https://github.com/fschmid56/EfficientAT) as it
is at inference: 32 kHz; pre-emphasis `y[t] = x[t + 1] - 0.97 x[t]`, one sample shorter than `x`; symmetric Hann window
of 25 ms around every 10 ms, the ends mirrored; 1024-point Fourier transform, power; 128 Kaldi mel bands from 0 to
15000 Hz; `(log(mel + 0.00001) + 4.5) / 5`.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32

from heterophony.features.kaldi_mel_filters import kaldi_mel_filters
from heterophony.features.mel_energies import mel_energies

RATE_HZ = 32_000
FRAME = 800
HOP = 320
N_FFT = 1024
N_MELS = 128
HIGH_HZ = 15_000.0
EMPHASIS = np.float32(0.97)
OFFSET = np.float32(0.00001)


@cache
def _hann() -> Float32[np.ndarray, " frame"]:
    """Symmetric Hann window, `0.5 - 0.5 cos(2 pi n / 799)`."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME) / (FRAME - 1))).astype(np.float32)


@cache
def _filters() -> Float32[np.ndarray, "bins mels"]:
    return kaldi_mel_filters(N_MELS, n_fft=N_FFT, rate_hz=RATE_HZ, low_hz=0.0, high_hz=HIGH_HZ)


def efficientat_log_mel(windows: Float32[np.ndarray, "n samples"]) -> Float32[np.ndarray, "n 128 frames"]:
    """Log-mel spectrograms of windows at 32 kHz, samples in -1..1; `1 + (samples - 1) // 320` frames.

    A window has more than 401 samples. Natural logarithm; digital silence is `(log(0.00001) + 4.5) / 5` = -1.40
    everywhere.
    """
    emphasised = windows[:, 1:] - EMPHASIS * windows[:, :-1]
    # The published frame is 1024 long with the window in its middle, which is the same power
    mirrored = np.pad(emphasised, [(0, 0), (FRAME // 2, FRAME // 2)], mode="reflect")
    mel = mel_energies(mirrored, taper=_hann(), hop=HOP, n_fft=N_FFT, filters=_filters(), of="power")
    mel += OFFSET
    np.log(mel, out=mel)
    mel += np.float32(4.5)
    mel /= np.float32(5.0)
    return np.ascontiguousarray(mel.transpose(0, 2, 1))
