"""One recording in several forms at once (rates, channels), decoded once, block by block in bounded memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from heterophony.errors import MediaError
from heterophony.media.form import Block, Changer, Form
from heterophony.media.limits import Limits
from heterophony.media.mono import left_and_right
from heterophony.media.opening import open_source
from heterophony.media.source import Source
from heterophony.media.stretch import Stretch, shown, within
from heterophony.media.tally import Tally, counted, notes

Part = tuple[Float32[np.ndarray, " frames"], Float32[np.ndarray, "frames 2"] | None]


class SoundStreams:
    """Decodes one recording once for all who want it: iterate for blocks, then ask what was wrong with it.

    Decoding is by soundfile or, where that cannot, PyAV; the rate is changed by soxr's streaming resampler (quality
    HQ), whose output does not depend on how the input was cut into blocks. What a form gives does not depend on which
    other forms are asked for, nor do the note and the refusal: they judge the mean of all channels. Durations that
    headers state are never used for anything but the note.

    Each iteration reads the file anew.

    Attributes:
        path: The recording.
        forms: What is wanted, at least one.
        limits: See `Limits`.
        stretch: What of the recording is decoded, from second to second; None: all of it.
        note: After the iteration: "" if all went well, else why the result is partial.
        seconds: After the iteration: how much was decoded.
    """

    def __init__(
        self, path: Path, forms: Sequence[Form], limits: Limits | None = None, stretch: Stretch | None = None
    ) -> None:
        if not forms:
            raise ValueError("at least one form of the sound must be asked for")
        self.path = path
        self.forms = tuple(forms)
        self.limits = limits or Limits()
        self.stretch = stretch
        self.note = ""
        self.seconds = 0.0

    def __iter__(self) -> Iterator[tuple[int, Block]]:
        """Yield (index of the form, block); blocks of each form in order, those of different forms mixed.

        A block is float32, full scale ±1, at most 10 s long: `[samples]` for one channel, `[samples, 2]` for two. Do
        not write into it: forms that are equal share it.

        Raises:
            AbsentError: The file has no sound, and shows a picture.
            MediaError: The recording is refused: nothing can be decoded, it is shorter than `Limits.min_seconds`, or no
                sample of it is a number. The last is known only at the end, so discard what came before.
        """
        self.note, self.seconds = "", 0.0
        tally = Tally()
        with open_source(self.path, self.limits, 0.0 if self.stretch is None else self.stretch[0]) as whole:
            source = within(whole, self.stretch)
            shortest = self.limits.min_seconds * source.rate_hz
            changer = Changer(self.forms, source.rate_hz, source.channels)
            held: list[Part] = []
            for part in self._parts(source, tally, takes_pairs=changer.takes_pairs):
                held.append(part)
                if tally.frames >= shortest:  # before that it may still turn out too short
                    for mono, pair in held:
                        yield from changer(mono, pair)
                    held.clear()
            self._judge(source, tally)
            yield from changer(np.zeros(0, np.float32), np.zeros((0, 2), np.float32), last=True)

    def _parts(self, source: Source, tally: Tally, *, takes_pairs: bool) -> Iterator[Part]:
        """Mean of the channels and, where wanted, left and right; repaired and counted."""
        most = int(self.limits.max_seconds * source.rate_hz)
        try:
            for block in source.blocks:
                tally.cut = tally.frames + len(block) > most
                kept = block[: most - tally.frames]
                if len(kept):
                    pair = left_and_right(kept) if takes_pairs else None
                    yield counted(kept, tally), pair
                if tally.cut:
                    return
        except MediaError as error:
            raise MediaError(f"{self.path}: cannot be decoded: {error}") from error

    def _judge(self, source: Source, tally: Tally) -> None:
        name, self.seconds = f"{self.path}{shown(self.stretch)}", tally.frames / source.rate_hz
        if tally.frames < self.limits.min_seconds * source.rate_hz:
            what = f"{tally.frames} samples ({self.seconds:.3g} s) is too short"
            raise MediaError(f"{name}: {what}; at least {self.limits.min_seconds} s are needed")
        if tally.broken == tally.frames:
            raise MediaError(f"{name}: none of its {tally.frames} samples is a finite number")
        self.note = "; ".join(notes(source, tally, self.limits))
