"""The front end of OpenL3: decibels below the loudest band of each second.

Source: Cramer et al., Look, Listen and Learn More, ICASSP 2019; openl3 0.3 with kapre 0.1.4, which is what the
published weights were trained on: 48 kHz; windows of one second with 982 zeros before and after; periodic Hann window
of 2048 samples every 242; power, 256 mel bands on the scale of HTK with areas of 1, 0 to 24000 Hz, square root; `10
log10` of that, at least 1e-10, less its maximum over the window, at least -80. From version 0.4 on, openl3 feeds the
same weights with bands on Slaney's scale, sums of magnitudes and zeros at the end only; that is not done here.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32

from heterophony.features.mel_energies import mel_energies
from heterophony.features.mel_filters import hz_to_mel, mel_filters, mel_to_hz

RATE_HZ = 48_000
WINDOW = 48_000
FRAME = 2048
HOP = 242
N_MELS = 256
ZEROS = 982  # at each end, so that 199 frames of 2048 end with the last zero
QUIETEST = np.float32(1e-10)
RANGE_DB = np.float32(80.0)


@cache
def _hann() -> Float32[np.ndarray, " frame"]:
    """Periodic Hann window, `0.5 - 0.5 cos(2 pi n / 2048)`."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)


@cache
def _filters() -> Float32[np.ndarray, "bins mels"]:
    """Triangles of HTK's scale, each divided by half its width in Hz."""
    heights = mel_filters(N_MELS, n_fft=FRAME, rate_hz=RATE_HZ, low_hz=0.0, high_hz=RATE_HZ / 2)
    points_hz = mel_to_hz(np.linspace(0.0, hz_to_mel(np.array([RATE_HZ / 2]))[0], N_MELS + 2))
    return np.asarray(heights * (2.0 / (points_hz[2:] - points_hz[:-2])), dtype=np.float32)


def openl3_log_mel(windows: Float32[np.ndarray, "n 48000"]) -> Float32[np.ndarray, "n 256 199"]:
    """Decibels of windows of one second at 48 kHz, samples in -1..1, -80 to 0; digital silence is 0 everywhere."""
    padded = np.pad(windows, [(0, 0), (ZEROS, ZEROS)])
    mel = mel_energies(padded, taper=_hann(), hop=HOP, n_fft=FRAME, filters=_filters(), of="power")
    np.sqrt(mel, out=mel)
    np.maximum(mel, QUIETEST, out=mel)
    np.log10(mel, out=mel)
    mel *= np.float32(10.0)
    mel -= mel.max(axis=(1, 2), keepdims=True)
    np.maximum(mel, -RANGE_DB, out=mel)
    return np.ascontiguousarray(mel.transpose(0, 2, 1))
