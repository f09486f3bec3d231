"""Kaldi's log-mel filter bank at 16 kHz, with its default options and no dither.

Source: Povey et al., The Kaldi Speech Recognition Toolkit, ASRU 2011, feat/feature-fbank and feat/feature-window. For
every frame by itself: its mean is taken off; pre-emphasis `x[t] - 0.97 x[t - 1]`, the first sample with itself;
Povey's window `(0.5 - 0.5 cos(2 pi t / 399)) ^ 0.85`; zeros up to 512 samples; power spectrum; filters that are linear
in mel from 20 Hz to half the sampling rate; natural logarithm of what is at least the epsilon of float32.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32

from heterophony.features.kaldi_mel_filters import kaldi_mel_filters

RATE_HZ = 16_000
FRAME = 400
HOP = 160
N_FFT = 512
LOW_HZ = 20.0
PRE_EMPHASIS = np.float32(0.97)
FLOOR = np.finfo(np.float32).eps


@cache
def _window() -> Float32[np.ndarray, " frame"]:
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME) / (FRAME - 1))
    return (hann**0.85).astype(np.float32)


@cache
def _filters(n_mels: int) -> Float32[np.ndarray, "bins mels"]:
    return kaldi_mel_filters(n_mels, n_fft=N_FFT, rate_hz=RATE_HZ, low_hz=LOW_HZ, high_hz=RATE_HZ / 2)


def kaldi_fbank(samples: Float32[np.ndarray, "n samples"], n_mels: int) -> Float32[np.ndarray, "n frames mels"]:
    """Log-mel bands of signals at 16 kHz; `frames` is `1 + (samples - 400) // 160`, only whole frames count.

    Kaldi's samples are 16-bit numbers: multiply samples in -1..1 by 32768 where a network was trained with that.

    Args:
        samples: At least 400 per signal.
        n_mels: How many bands, >= 1.
    """
    from scipy.fft import rfft  # three times as fast as that of NumPy

    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME, axis=1)[:, ::HOP].reshape(-1, FRAME)
    frames = frames - frames.mean(axis=1, keepdims=True)
    emphasised = frames - PRE_EMPHASIS * frames[:, np.maximum(np.arange(FRAME) - 1, 0)]
    spectrum = rfft(emphasised * _window(), n=N_FFT, axis=1)  # complex64 [n * frames, 257]
    power = spectrum.real**2 + spectrum.imag**2
    mel = np.maximum(power @ _filters(n_mels), FLOOR)
    return np.asarray(np.log(mel, out=mel), dtype=np.float32).reshape(len(samples), -1, n_mels)
