"""Maps of a gammatone filter bank: a model of the inner ear in place of a Fourier transform.

Source of the map: Naranjo-Alcazar et al., DCASE 2021 task 1b
(https://github.com/Machine-Listeners-Valencia/DCASE2021-Task1b): 44.1 kHz, two channels; 64 bands; root mean square of
each in windows of 40 ms every 20 ms; `20 log10`; three channels L, R and L - R; the highest band first; brought to
-1..1 per window. Source of the filters: Slaney, An Efficient Implementation of the Patterson-Holdsworth Auditory Filter
Bank, Apple Technical Report 35, 1993: four second-order sections with the same poles, and bands at equal steps of the
equivalent rectangular bandwidth (Glasberg and Moore), `f / 9.26449 + 24.7` Hz. The lowest band lies at 0 Hz, because
the original asks for that; the highest is one step below half the sampling rate.

How this differs: a window is a recording of its own (50 columns need 44,982 samples, where the original cuts a map of
10 s into tenths), so the filters begin at rest. Levels are relative to the range of the window (largest less smallest
sample; that of the clip in the original, which the scaling to -1..1 cancels) and end at -120 dB, where the original has
minus infinity for what is silent or the same in both channels.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Complex128, Float32, Float64

RATE_HZ = 44_100
BANDS = 64
FRAME = 1764
HOP = 882
FLOOR = 1e-6  # -120 dB
EAR_Q = 9.26449  # Glasberg and Moore
LEAST_WIDTH_HZ = 24.7
# The filters ring: after 0.2 s the lowest is 180 dB below its peak.
RINGING = RATE_HZ // 5


def gammatone_map(windows: Float32[np.ndarray, "n 2 samples"]) -> Float32[np.ndarray, "n 3 64 columns"]:
    """Levels of 64 bands in left, right and their difference, in -1..1 over all of a window.

    There are `(samples - 1764) // 882 + 1` columns: 50 for 44,982 samples.

    Args:
        windows: At 44.1 kHz, at least 1764 samples.

    Returns:
        The highest band first. -1 is the quietest of the window, also where all of it is silent.
    """
    levels = np.stack([_levels(window) for window in windows])
    low = levels.min(axis=(1, 2, 3), keepdims=True)
    span = levels.max(axis=(1, 2, 3), keepdims=True) - low
    return np.asarray(2 * (levels - low) / np.where(span > 0, span, 1) - 1, dtype=np.float32)


def _levels(window: Float32[np.ndarray, "2 samples"]) -> Float64[np.ndarray, "3 64 columns"]:
    """Root mean squares in dB, relative to the range of the window."""
    size = float(window.max()) - float(window.min())
    heard = band_levels(window.astype(np.float64) / (size or 1.0))
    return np.asarray(20 * np.log10(np.maximum(heard, FLOOR)))


def band_levels(pair: Float64[np.ndarray, "2 samples"]) -> Float64[np.ndarray, "3 64 columns"]:
    """Root mean square of each band of left, right and their difference in each window of 40 ms; highest band first.

    The filters are applied in the frequency domain, with zeros behind the samples for what rings on: the same numbers
    as those of the recursion (1e-12 apart), in half of the time.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    samples = pair.shape[1]
    columns = (samples - FRAME) // HOP + 1
    length = next_fast_len(samples + RINGING, real=True)
    spectrum = rfft(pair, length, axis=1)
    blocks = np.empty((3, BANDS, columns + 1))  # sums of squares of 20 ms; two of them are a window
    for band, response in enumerate(_responses(length)):
        left, right = irfft(spectrum * response, length, axis=1)[:, : (columns + 1) * HOP]
        for channel, heard in enumerate((left, right, left - right)):
            pieces = heard.reshape(columns + 1, HOP)
            blocks[channel, band] = np.einsum("ij,ij->i", pieces, pieces)
    return np.asarray(np.sqrt((blocks[..., :-1] + blocks[..., 1:]) / FRAME))


def erb_centres(
    bands: int = BANDS, *, low_hz: float = 0.0, high_hz: float = RATE_HZ / 2
) -> Float64[np.ndarray, " bands"]:
    """Centre frequencies in Hz at equal steps of bandwidth, the highest first; the last is `low_hz`.

    `high_hz` is one step above the first (Slaney, 1993, page 33).
    """
    corner = EAR_Q * LEAST_WIDTH_HZ
    steps = np.arange(1, bands + 1) / bands
    return np.asarray((high_hz + corner) * ((low_hz + corner) / (high_hz + corner)) ** steps - corner)


@lru_cache(maxsize=2)
def _responses(length: int) -> Complex128[np.ndarray, "64 bins"]:
    """Frequency responses of all bands at the bins of a transform of that length."""
    return np.stack([gammatone_response(hz, np.arange(length // 2 + 1) / length) for hz in erb_centres()])


def gammatone_response(
    centre_hz: float, frequencies: Float64[np.ndarray, " bins"], rate_hz: int = RATE_HZ
) -> Complex128[np.ndarray, " bins"]:
    """Frequency response of one gammatone filter, 1 at its centre.

    Four sections `(1 - zero / z) / (1 - 2 r cos(w) / z + r^2 / z^2)`, with the poles at `r exp(+-iw)`,
    `r = exp(-2 pi 1.019 width / rate)`, and the zeros at `r (cos(w) +- sqrt(3 +- 2^1.5) sin(w))`: together they ring as
    `t^3 exp(-2 pi 1.019 width t)` times a tone at the centre (Slaney, 1993).

    Args:
        centre_hz: Centre frequency.
        frequencies: In cycles per sample, 0 to 0.5.
        rate_hz: Sampling rate.
    """
    width = centre_hz / EAR_Q + LEAST_WIDTH_HZ
    radius = np.exp(-2 * np.pi * 1.019 * width / rate_hz)
    angle = 2 * np.pi * centre_hz / rate_hz

    def cascade(back: Complex128[np.ndarray, " bins"]) -> Complex128[np.ndarray, " bins"]:
        poles = 1 - 2 * radius * np.cos(angle) * back + radius**2 * back**2
        response = np.ones_like(back)
        for root in (np.sqrt(3 + 2**1.5), -np.sqrt(3 + 2**1.5), np.sqrt(3 - 2**1.5), -np.sqrt(3 - 2**1.5)):
            response *= (1 - radius * (np.cos(angle) + root * np.sin(angle)) * back) / poles
        return response

    return np.asarray(cascade(np.exp(-2j * np.pi * frequencies)) / np.abs(cascade(np.exp([-1j * angle]))))
