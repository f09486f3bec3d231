"""The log-mel front end of the fully convolutional network for acoustic scenes, with first and second differences.

Source: Wang et al., audio-visual scenes by joint modelling and augmentation (shape 39 x 128 x 6 per second); the values
are those of Hu et al., DCASE 2020 task 1 (https://github.com/MihawkHu/DCASE2020_task1): 48 kHz, two channels; periodic
Hann window of 2048 samples around every 1024, the ends mirrored (the default of librosa in 2020; since 0.10 it is
zeros), power; 128 HTK mel bands from 0 to 24000 Hz, not normalised by area; `log(mel + 1e-8)`; brought to 0..1 over
both channels and all bands together; then differences.

Here each window is scaled by itself, where the original scales clips of 10 s.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32

from heterophony.features.mel_energies import mel_energies
from heterophony.features.mel_filters import mel_filters

RATE_HZ = 48_000
N_FFT = 2048
HOP = 1024
N_MELS = 128
OFFSET = np.float32(1e-8)


@cache
def _hann() -> Float32[np.ndarray, " frame"]:
    """Periodic Hann window, `0.5 - 0.5 cos(2 pi n / 2048)`."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)


@cache
def _filters() -> Float32[np.ndarray, "bins mels"]:
    return mel_filters(N_MELS, n_fft=N_FFT, rate_hz=RATE_HZ, low_hz=0.0, high_hz=RATE_HZ / 2)


def log_mel_deltas(windows: Float32[np.ndarray, "n 2 samples"]) -> Float32[np.ndarray, "n 6 128 frames"]:
    """Scaled log-mel spectrograms of left and right, their differences, and the differences of these.

    The six are L, R, delta L, delta R, delta-delta L, delta-delta R. There are `samples // 1024 - 7` frames, 39 for one
    second and 461 for ten: the four at each end have no second differences.

    Args:
        windows: At 48 kHz, samples in -1..1, at least 8192 of them (one frame).

    Returns:
        The first two in 0..1, where 0 is the quietest of the window; all are 0 where the window is silent.
    """
    n, _, samples = windows.shape
    mirrored = np.pad(windows.reshape(2 * n, samples), [(0, 0), (N_FFT // 2, N_FFT // 2)], mode="reflect")
    mel = mel_energies(mirrored, taper=_hann(), hop=HOP, n_fft=N_FFT, filters=_filters(), of="power")
    mel += OFFSET
    np.log(mel, out=mel)
    scaled = _scaled(mel.transpose(0, 2, 1).reshape(n, 2, N_MELS, -1))
    first = deltas(scaled)
    return np.concatenate([scaled[..., 4:-4], first[..., 2:-2], deltas(first)], axis=1)


def deltas(x: Float32[np.ndarray, "*any frames"]) -> Float32[np.ndarray, "*any inner"]:
    """The slope at each frame, by regression over five: `(x[t+1] - x[t-1]) / 10 + (x[t+2] - x[t-2]) / 5`.

    The two frames at each end have none, so the result is four frames shorter.

    >>> deltas(np.arange(6, dtype=np.float32) * 3).tolist()
    [3.0, 3.0]
    """
    return np.asarray((x[..., 3:-1] - x[..., 1:-3]) / 10 + (x[..., 4:] - x[..., :-4]) / 5, dtype=np.float32)


def _scaled(mel: Float32[np.ndarray, "n 2 mels frames"]) -> Float32[np.ndarray, "n 2 mels frames"]:
    """Each window from its smallest value at 0 to its largest at 1."""
    low = mel.min(axis=(1, 2, 3), keepdims=True)
    span = mel.max(axis=(1, 2, 3), keepdims=True) - low
    return np.asarray((mel - low) / np.where(span > 0, span, 1), dtype=np.float32)
