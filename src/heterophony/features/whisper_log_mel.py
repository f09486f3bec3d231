"""The log-mel front end of Whisper.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", ICML 2023, section 2.2, and the
published openai/whisper: 16 kHz; recordings are followed by zeros up to 30 s; periodic Hann window of 25 ms every
10 ms, centred (the signal is mirrored at both ends), 400-point transform, power; 80 mel bands of Slaney's kind up to
8000 Hz. The last frame is left out, so that 30 s are 3000 frames. With `x` the decadic logarithm of the bands, at
least 1e-10, and `m` its maximum over the window, a band is `(max(x, m - 8) + 4) / 4`.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32

from heterophony.features.slaney_mel_filters import slaney_mel_filters

RATE_HZ = 16_000
WINDOW = 480_000  # samples, 30 s
FRAME = 400
HOP = 160
N_MELS = 80
QUIETEST = 1e-10
RANGE = 8.0  # decades below the loudest band


@cache
def _hann() -> Float32[np.ndarray, " frame"]:
    """Periodic Hann window, `0.5 - 0.5 cos(2 pi n / 400)`."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)


@cache
def _filters() -> Float32[np.ndarray, "bins mels"]:
    return slaney_mel_filters(N_MELS, n_fft=FRAME, rate_hz=RATE_HZ, low_hz=0.0, high_hz=RATE_HZ / 2)


def whisper_log_mel(windows: Float32[np.ndarray, "n samples"]) -> Float32[np.ndarray, "n 80 3000"]:
    """Bands of windows of at most 480,000 samples at 16 kHz, samples in -1..1; digital silence is -1.5 everywhere."""
    from scipy.fft import rfft

    full = np.pad(windows, ((0, 0), (0, WINDOW - windows.shape[1])))
    mirrored = np.pad(full, ((0, 0), (FRAME // 2, FRAME // 2)), mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(mirrored, FRAME, axis=1)[:, :WINDOW:HOP]  # [n, 3000, 400]
    spectrum = rfft((frames * _hann()).reshape(-1, FRAME), axis=1)  # complex64 [n * 3000, 201]
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    bands = np.log10(np.maximum(power @ _filters(), np.float32(QUIETEST))).reshape(len(windows), -1, N_MELS)
    loudest = bands.max(axis=(1, 2), keepdims=True)
    scaled = (np.maximum(bands, loudest - np.float32(RANGE)) + np.float32(4)) / np.float32(4)
    return np.ascontiguousarray(scaled.transpose(0, 2, 1), dtype=np.float32)
