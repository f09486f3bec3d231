"""Stretches of one recording, all of them in one pass over it, each as a file of its own would give it."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from sys import maxsize

import numpy as np
from jaxtyping import Float32, Int16

from heterophony.errors import MediaError
from heterophony.media.form import Changer, Form
from heterophony.media.limits import Limits
from heterophony.media.mono import left_and_right
from heterophony.media.opening import open_source
from heterophony.media.source import Source
from heterophony.media.spool import Spool
from heterophony.media.stretch import Stretch, shown
from heterophony.media.tally import Tally, counted
from heterophony.media.waveforms import as_int16


def cut_sound(
    path: Path, form: Form, stretches: Sequence[Stretch | None], limits: Limits, spool: Spool
) -> list[MediaError | None]:
    """Decodes a recording once and puts what `SoundStreams` gives of each stretch, in 16 bits a sample, on a spool.

    Args:
        path: The recording.
        form: In which it is wanted.
        stretches: Ascending by their starts.
        limits: Of the file.
        spool: Takes int16 `[samples]` or `[samples, 2]`, a piece per stretch.

    Returns:
        Why a stretch is refused, None of the others; what the spool has of those that are is to be left out.

    Raises:
        AbsentError: The file has no sound, and shows a picture.
        MediaError: It cannot be opened.
        InputError: The spool cannot be written.
    """
    ended: dict[int, MediaError | None] = {}
    with open_source(path, limits, stretches[0][0] if stretches[0] else 0.0) as source:
        growing = {number: _Piece(path, form, source, stretch, limits) for number, stretch in enumerate(stretches)}
        at, cause = source.skipped, None
        try:
            for block in source.blocks:
                ended |= _fed(block, at, growing, spool)
                at += len(block)
                if not growing:
                    break
        except MediaError as error:
            cause = MediaError(f"{path}: cannot be decoded: {error}")
    for number, piece in growing.items():
        ended[number] = cause or _ended(piece, number, spool)
    return [ended[number] for number in range(len(stretches))]


class _Piece:
    """One stretch: its samples of the source, mixed, repaired, resampled and rounded.

    Attributes:
        first: Its first frame of the source.
        end: The first frame behind it.
    """

    def __init__(self, path: Path, form: Form, source: Source, stretch: Stretch | None, limits: Limits) -> None:
        self._name, self._limits, self._rate_hz = f"{path}{shown(stretch)}", limits, source.rate_hz
        self.first, end = (0, maxsize) if stretch is None else (round(second * source.rate_hz) for second in stretch)
        self.end = min(end, self.first + int(limits.max_seconds * source.rate_hz))
        self._changer = Changer([form], source.rate_hz, source.channels)
        self._tally = Tally()

    def push(
        self, block: Float32[np.ndarray, "frames channels"], at: int
    ) -> Iterator[Int16[np.ndarray, "samples *channels"]]:
        """What comes of a block that begins with frame `at`."""
        kept = block[max(0, self.first - at) : max(0, self.end - at)]
        if len(kept):
            mono = counted(kept, self._tally)
            pair = left_and_right(kept) if self._changer.takes_pairs else None
            yield from (as_int16(samples) for _, samples in self._changer(mono, pair))

    def rest(self) -> Iterator[Int16[np.ndarray, "samples *channels"]]:
        """What is still inside the resampler.

        Raises:
            MediaError: The stretch is too short, or no sample of it is a number.
        """
        frames = self._tally.frames
        if frames < self._limits.min_seconds * self._rate_hz:
            what = f"{frames} samples ({frames / self._rate_hz:.3g} s) is too short"
            raise MediaError(f"{self._name}: {what}; at least {self._limits.min_seconds} s are needed")
        if self._tally.broken == frames:
            raise MediaError(f"{self._name}: none of its {frames} samples is a finite number")
        nothing = np.zeros(0, np.float32), np.zeros((0, 2), np.float32)
        yield from (as_int16(samples) for _, samples in self._changer(*nothing, last=True))


def _fed(
    block: Float32[np.ndarray, "frames channels"], at: int, growing: dict[int, _Piece], spool: Spool
) -> dict[int, MediaError | None]:
    """Gives a block that begins with frame `at` to all pieces that have begun; takes out and judges those that end."""
    end = at + len(block)
    begun = list(takewhile(lambda number: growing[number].first < end, growing))
    for number in begun:
        for samples in growing[number].push(block, at):
            spool.add(number, samples)
    over = [number for number in begun if growing[number].end <= end]
    return {number: _ended(growing.pop(number), number, spool) for number in over}


def _ended(piece: _Piece, number: int, spool: Spool) -> MediaError | None:
    """Puts the last samples on the spool, or says why the stretch is refused."""
    refused = None
    try:
        for samples in piece.rest():
            spool.add(number, samples)
    except MediaError as error:
        refused = error
    spool.end(number)
    return refused
