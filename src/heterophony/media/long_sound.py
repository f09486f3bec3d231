"""A long recording piece by piece, in one pass: what `SoundStreams` gives of each stretch, never going back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from heterophony.errors import MediaError
from heterophony.media.form import Block, Changer, Form
from heterophony.media.limits import Limits
from heterophony.media.mono import left_and_right
from heterophony.media.opening import open_source
from heterophony.media.source import Source
from heterophony.media.stretch import Stretch
from heterophony.media.tally import Tally, counted, notes

LEAD_S = 1
"""How much earlier than its first second a piece is resampled from, so that no edge of a resampler is heard in it."""

Part = tuple[Float32[np.ndarray, " _"], Float32[np.ndarray, "_ 2"]]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What is heard in a stretch.

    Attributes:
        number: Of the piece.
        starts: Second of the recording at which `sounds` begin, a whole number.
        sounds: For each form `[samples]` or `[samples, 2]`.
        ended: Whether the recording ends inside it.
    """

    number: int
    starts: int
    sounds: tuple[Float32[np.ndarray, "_ ..."], ...]
    ended: bool


class LongSound:
    """Decodes a recording once, forward, and gives piece `k` = first, first + 1 … as long as it has one.

    Piece `k` holds the seconds from `k length - 1` (0 for the first) to `(k + 1) length + reach`, so pieces overlap. It
    is, byte by byte, what `SoundStreams` gives of this stretch: it does not depend on where the reading began. Memory
    holds about one piece.

    Attributes:
        note: After the iteration: "" if all went well, else why the sound is partial.
        seconds: After the iteration: how long the recording is.
    """

    def __init__(
        self, path: Path, forms: Sequence[Form], length: int, reach: int, first: int = 0, limits: Limits | None = None
    ) -> None:
        """Opens nothing yet.

        Args:
            path: The recording.
            forms: What is wanted, at least one.
            length: Seconds from piece to piece, >= 1.
            reach: Seconds of the following piece that each has too, >= 0.
            first: Number of the first piece that is wanted.
            limits: See `Limits`.
        """
        self._path, self._forms, self._limits = path, tuple(forms), limits or Limits()
        self._length, self._reach, self._first = length, reach, first
        self.note, self.seconds = "", 0.0

    def stretch(self, number: int) -> Stretch:
        """From when to when a piece goes, in seconds."""
        return float(max(0, number * self._length - LEAD_S)), float((number + 1) * self._length + self._reach)

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces.

        Raises:
            AbsentError: The file has no sound, and shows a picture.
            MediaError: The recording is refused: nothing can be decoded, or it is shorter than `Limits.min_seconds`.
        """
        with open_source(self._path, self._limits, self.stretch(self._first)[0]) as source:
            tally = Tally(frames=source.skipped)
            yield from self._cut(source, self._parts(source, tally))
            if tally.frames < self._limits.min_seconds * source.rate_hz:
                raise MediaError(f"{self._path}: {tally.frames} samples are too short to say anything of")
            self.seconds = tally.frames / source.rate_hz
            self.note = "; ".join(notes(source, tally, self._limits))

    def _parts(self, source: Source, tally: Tally) -> Iterator[Part]:
        """Mean of the channels, and left and right; repaired and counted."""
        most = int(self._limits.max_seconds * source.rate_hz)
        pairs = any(form.channels == 2 for form in self._forms)
        try:
            for block in source.blocks:
                tally.cut = tally.frames + len(block) > most
                kept = block[: max(0, most - tally.frames)]
                if len(kept):
                    pair = left_and_right(kept) if pairs else np.zeros((0, 2), np.float32)
                    yield counted(kept, tally), pair
                if tally.cut:
                    return
        except MediaError as error:
            raise MediaError(f"{self._path}: cannot be decoded: {error}") from error

    def _cut(self, source: Source, parts: Iterator[Part]) -> Iterator[Piece]:
        number, held = self._first, list[Part]()
        at = total = source.skipped  # where what is held begins, and ends
        first, end = self._frames(number, source.rate_hz)
        for part in parts:
            held.append(part)
            total += len(part[0])
            while total >= end:
                yield self._piece(number, held, first - at, end - at, source)
                number += 1
                first, end = self._frames(number, source.rate_hz)
            at = _forget(held, at, first)
        while number * self._length * source.rate_hz < total:
            yield self._piece(number, held, first - at, inf, source)
            number += 1
            first, _ = self._frames(number, source.rate_hz)

    def _frames(self, number: int, rate_hz: int) -> tuple[int, int]:
        start, end = self.stretch(number)
        return round(start * rate_hz), round(end * rate_hz)

    def _piece(self, number: int, held: list[Part], first: int, end: float, source: Source) -> Piece:
        """The piece from frame `first` to before `end` of what is held; all that is left where `end` is infinite."""
        stop = None if end == inf else int(end)
        mono = np.concatenate([one for one, _ in held])[first:stop]
        pair = np.concatenate([two for _, two in held])[first:stop]
        changer = Changer(self._forms, source.rate_hz, source.channels)
        found: list[list[Block]] = [[] for _ in self._forms]
        for last, (one, two) in ((False, (mono, pair)), (True, (mono[:0], pair[:0]))):
            for form, block in changer(one, two if changer.takes_pairs else None, last=last):
                found[form].append(block)
        starts = int(self.stretch(number)[0])
        return Piece(number, starts, tuple(np.concatenate(blocks) for blocks in found), ended=stop is None)


def _forget(held: list[Part], at: int, first: int) -> int:
    """Drops the parts that end before frame `first`; gives the frame at which what is left begins."""
    while held and at + len(held[0][0]) <= first:
        at += len(held.pop(0)[0])
    return at
