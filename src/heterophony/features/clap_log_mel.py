"""The log-mel front end of LAION's CLAP.

Source: Wu et al., "Large-Scale Contrastive Language-Audio Pretraining with Feature Fusion and Keyword-to-Caption
Augmentation", ICASSP 2023; constants of LAION-AI/CLAP and of ClapFeatureExtractor in transformers: 48 kHz; periodic
Hann window of 1024 samples every 480, centred (the signal is mirrored at both ends), power; 64 mel bands from 50 to
14000 Hz, in decibels, at least -100. The model with feature fusion was trained on HTK's bands, not normalised, the one
without on Slaney's. 10 s are 1001 frames.

What is shorter than 10 s is repeated as often as it fits, then followed by zeros ("repeatpad"). LAION's own package
rounds samples to 16 bits first; transformers and this do not.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32

from heterophony.features.mel_filters import mel_filters
from heterophony.features.slaney_mel_filters import slaney_mel_filters

RATE_HZ = 48_000
WINDOW = 480_000  # samples, 10 s
FRAME = 1024
HOP = 480
N_MELS = 64
QUIETEST = 1e-10


@cache
def _hann() -> Float32[np.ndarray, " frame"]:
    """Periodic Hann window, `0.5 - 0.5 cos(2 pi n / 1024)`."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)


@cache
def _filters(*, fused: bool) -> Float32[np.ndarray, "bins mels"]:
    filters = mel_filters if fused else slaney_mel_filters
    return filters(N_MELS, n_fft=FRAME, rate_hz=RATE_HZ, low_hz=50.0, high_hz=14_000.0)


def repeated(windows: Float32[np.ndarray, "n samples"]) -> Float32[np.ndarray, "n 480000"]:
    """Windows of 1 to 480,000 samples, repeated as often as they fit, then zeros.

    >>> repeated(np.ones((1, 200_000), dtype=np.float32)).sum()
    np.float32(400000.0)
    """
    whole = np.tile(windows, (1, WINDOW // windows.shape[1]))
    return np.pad(whole, ((0, 0), (0, WINDOW - whole.shape[1])))


def clap_log_mel(windows: Float32[np.ndarray, "n samples"], *, fused: bool) -> Float32[np.ndarray, "n 1001 64"]:
    """Decibels of windows of 1 to 480,000 samples at 48 kHz, samples in -1..1; digital silence is -100 everywhere.

    Args:
        windows: All of one length.
        fused: Whether they are for the model that was trained with feature fusion.
    """
    from scipy.fft import rfft

    mirrored = np.pad(repeated(windows), ((0, 0), (FRAME // 2, FRAME // 2)), mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(mirrored, FRAME, axis=1)[:, ::HOP]  # [n, 1001, 1024]
    spectrum = rfft((frames * _hann()).reshape(-1, FRAME), axis=1)  # complex64 [n * 1001, 513]
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    bands = np.maximum(power @ _filters(fused=fused), np.float32(QUIETEST))
    return np.asarray(np.float32(10) * np.log10(bands), dtype=np.float32).reshape(len(windows), -1, N_MELS)
