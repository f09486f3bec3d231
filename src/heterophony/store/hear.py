"""From one recording to the vectors of all its sound encoders, in one pass over the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from jaxtyping import Float32

from heterophony.encoders import Cutter, Pooling, SoundEncoder, loudness
from heterophony.media import Form, Limits, SoundStreams, Stretch
from heterophony.store.encoder_specs import EncoderSpec
from heterophony.store.networks import loaded

Vector = Float32[np.ndarray, " _"]


def hear(
    path: Path, parts: Sequence[EncoderSpec], limits: Limits, stretch: Stretch | None = None
) -> tuple[list[Float32[np.ndarray, " _"]], SoundStreams]:
    """Decodes the file once, resamples it once for each rate, and gives one vector per encoder.

    Args:
        path: The recording.
        parts: The encoders.
        limits: Of the file.
        stretch: What of it; None: everything.

    Returns:
        The vectors in the order of `parts`, and the stream with its note and its seconds.

    Raises:
        AbsentError: The file has no sound.
        MediaError: It is refused.
    """
    listeners = [_listener(part) for part in parts]
    forms = tuple(dict.fromkeys(listener.form for listener in listeners))
    streams = SoundStreams(path, forms, limits, stretch)
    for at, block in streams:
        for listener in listeners:
            if listener.form == forms[at]:
                listener.hear(block)
    return [listener.vector() for listener in listeners], streams


@dataclass(frozen=True, slots=True, eq=False)
class _Listener:
    """One encoder that takes the blocks of one recording."""

    encoder: SoundEncoder
    cutter: Cutter
    pooling: Pooling
    form: Form

    def hear(self, block: Float32[np.ndarray, "_ ..."]) -> None:
        for group in self.cutter.push(block):
            self._add(group)

    def vector(self) -> Vector:
        for group in self.cutter.rest():
            self._add(group)
        return self.pooling.pooled()

    def _add(self, group: Float32[np.ndarray, "_ ... _"]) -> None:
        self.pooling.add(self.encoder.encode(group), loudness(group))


def _listener(part: EncoderSpec) -> _Listener:
    encoder = cast(SoundEncoder, loaded(part.name))
    return _Listener(
        encoder=encoder,
        cutter=Cutter(encoder.window, encoder.hop, encoder.batch, encoder.shortest),
        pooling=Pooling(part.pooling),
        form=Form(encoder.rate_hz, encoder.channels),
    )
