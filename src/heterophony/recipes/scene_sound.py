"""The sound of a long recording, encoded minute by minute."""

from collections.abc import Iterator, Sequence
from math import ceil, floor
from typing import cast

import numpy as np
from jaxtyping import Float32

from heterophony.encoders import SoundEncoder, loudness
from heterophony.media import Form, LongSound, Piece
from heterophony.recipes.scene_windows import MINUTE_S, Minute, Windows
from heterophony.store.encoder_specs import EncoderSpec
from heterophony.store.networks import loaded

Block = Float32[np.ndarray, "_ ..."]


def hop_of(encoder: SoundEncoder, every: float) -> float:
    """Seconds from window to window: the encoder's own, or from step to step where these are closer."""
    return min(encoder.hop / encoder.rate_hz, every)


def longest_window(parts: Sequence[EncoderSpec]) -> float:
    """Of the encoders, in seconds."""
    encoders = (cast(SoundEncoder, loaded(part.name)) for part in parts)
    return max((encoder.window / encoder.rate_hz for encoder in encoders), default=0.0)


def forms_of(parts: Sequence[EncoderSpec]) -> tuple[Form, ...]:
    """The forms that encoders want the sound in."""
    encoders = [cast(SoundEncoder, loaded(part.name)) for part in parts]
    return tuple(dict.fromkeys(Form(encoder.rate_hz, encoder.channels) for encoder in encoders))


def sound_minutes(sound: LongSound, parts: Sequence[EncoderSpec], every: float, begins: float) -> Iterator[Minute]:
    """For each piece of the sound the windows that begin in its minute, by each encoder.

    Windows begin every `hop_of` seconds since the beginning of the sound, as long as they fit. If samples remain after
    the last of them, one more window ends on the last sample; a recording shorter than a window is one, followed by
    zeros, as in training.

    Args:
        sound: In pieces of a minute that reach as far as the longest window, in the forms of `forms_of`.
        parts: The encoders.
        every: Seconds from step to step.
        begins: When the sound begins, in seconds on the clock of the track.

    Raises:
        MediaError: As `LongSound`.
    """
    forms = forms_of(parts)
    for piece in sound:
        found = {}
        for part in parts:
            encoder = cast(SoundEncoder, loaded(part.name))
            samples = piece.sounds[forms.index(Form(encoder.rate_hz, encoder.channels))]
            found[part.key] = _windows(encoder, samples, piece, every, begins)
        ends = begins + piece.starts + len(piece.sounds[0]) / forms[0].rate_hz
        yield Minute(piece.number, found, ends if piece.ended else None)


def _windows(encoder: SoundEncoder, samples: Block, piece: Piece, every: float, begins: float) -> Windows:
    rate_hz, first = encoder.rate_hz, piece.starts * encoder.rate_hz
    starts = _starts(encoder, first + len(samples), piece, every)
    vectors, loud = [np.zeros((0, encoder.dim), np.float32)], [np.zeros(0, np.int64)]
    for at in range(0, len(starts), encoder.batch):
        cut = np.stack([_cut(samples, start - first, encoder) for start in starts[at : at + encoder.batch]])
        vectors.append(encoder.encode(cut))
        loud.append(loudness(cut))
    times = begins + np.array(starts, np.float64) / rate_hz
    ends = np.minimum(times + encoder.window / rate_hz, begins + (first + len(samples)) / rate_hz)
    return Windows(times, ends, np.concatenate(vectors), np.concatenate(loud))


def _starts(encoder: SoundEncoder, end: int, piece: Piece, every: float) -> list[int]:
    """The samples at which windows of this minute begin; the piece has all samples before `end`."""
    hop, number = hop_of(encoder, every), piece.number
    low, high = number * MINUTE_S * encoder.rate_hz, (number + 1) * MINUTE_S * encoder.rate_hz
    numbers = range(max(0, floor(number * MINUTE_S / hop) - 1), ceil((number + 1) * MINUTE_S / hop) + 1)
    grid = [round(count * hop * encoder.rate_hz) for count in numbers]
    starts = [start for start in grid if low <= start < high and start + encoder.window <= end]
    last = max(0, end - encoder.window)
    return [*starts, last] if piece.ended and low <= last < high and last not in starts else starts


def _cut(samples: Block, start: int, encoder: SoundEncoder) -> Float32[np.ndarray, "*channels samples"]:
    """One window; of a recording shorter than that all of it, followed by zeros up to the shortest."""
    window = samples[start : start + encoder.window].T
    missing = max(0, encoder.shortest - window.shape[-1]) if window.shape[-1] < encoder.window else 0
    return np.ascontiguousarray(np.pad(window, [*[(0, 0)] * (window.ndim - 1), (0, missing)]))
