"""The two files of a decoding that is going on, and the journal of what is complete in them.

A process that is killed leaves all three behind; the next one goes on from what the journal names and the files hold.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from heterophony.media.decode_file import Cut
from heterophony.media.decoded import FRAMES, SOUND
from heterophony.media.spool import Span, writing

_JOURNAL = "journal.jsonl"
_BLOCK = 2**20


def already(folder: Path) -> int:
    """Bytes that a decoding has left in a folder; 0 if there is none."""
    return sum(path.stat().st_size for path in (folder / SOUND, folder / FRAMES) if path.is_file())


class Growing:
    """Takes what was decoded in the order of the jobs; a context that opens and closes its files.

    Attributes:
        cuts: Of each job that is complete, what its stretches gave; where they lie in the two files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[bytes, Span] = {}
        self.cuts: list[tuple[Cut, ...]] = []

    def __enter__(self) -> "Growing":
        """Opens the files and keeps what is complete in them."""
        with ExitStack() as stack, writing(self._folder):
            self._sound, self._frames, self._journal = (
                stack.enter_context((self._folder / name).open("a+b")) for name in (SOUND, FRAMES, _JOURNAL)
            )
            self._go_on()
            self._files = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the files."""
        with writing(self._folder):
            self._files.close()

    def add(self, cuts: tuple[Cut, ...], sound: Path, frames: Path) -> None:
        """Takes over what the next job has decoded. Pictures that are there already (beside another sound) are shared.

        Args:
            cuts: What its stretches gave.
            sound: Where the samples lie; not read if there are none.
            frames: Where the pictures lie; the same.

        Raises:
            InputError: The disk is full.
        """
        with writing(self._folder):
            moved = tuple(
                Cut(_moved(cut.sound, sound, self._sound), self._shared(cut.frames, frames), cut.reason) for cut in cuts
            )
            self._sound.flush()
            self._frames.flush()
            self._journal.write(_line(moved))
            self._journal.flush()
        self.cuts.append(moved)

    def finish(self) -> None:
        """Brings the two files to the disk and removes the journal.

        Raises:
            InputError: That is not possible.
        """
        with writing(self._folder):
            for file in (self._sound, self._frames):
                os.fsync(file.fileno())
            (self._folder / _JOURNAL).unlink()

    def _shared(self, span: Span | None, path: Path) -> Span | None:
        """Where pictures lie: where the same ones are already, or at the end of their file."""
        if span is not None and span.digest in self._seen:
            return self._seen[span.digest]
        return self._remembered(_moved(span, path, self._frames))

    def _remembered(self, span: Span | None) -> Span | None:
        if span is not None:
            self._seen.setdefault(span.digest, span)
        return span

    def _go_on(self) -> None:
        """Reads the journal up to the first line that is torn or that the files do not bear out; cuts all behind it."""
        length, ends = 0, [0, 0]
        self._journal.seek(0)
        for line in self._journal:
            cuts = _read(line)
            if cuts is None or not all(self._holds(cut) for cut in cuts):
                break
            length += len(line)
            self.cuts.append(cuts)
            for cut in cuts:
                self._remembered(cut.frames)
                for at, span in enumerate((cut.sound, cut.frames)):
                    ends[at] = max(ends[at], span.start + span.size if span else 0)
        for file, end in zip((self._sound, self._frames, self._journal), (*ends, length), strict=True):
            file.truncate(end)
            file.seek(end)

    def _holds(self, cut: Cut) -> bool:
        """Whether the files hold what a line says."""
        spans = ((cut.sound, self._sound), (cut.frames, self._frames))
        return all(span is None or _digest(span, file) == span.digest for span, file in spans)


def _moved(span: Span | None, path: Path, to: BinaryIO) -> Span | None:
    """Copies a span to the end of a file."""
    if span is None:
        return None
    start = to.tell()
    with path.open("rb") as file:
        to.writelines(_blocks(span, file))
    return Span(start, span.size, span.digest)


def _digest(span: Span, file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    for block in _blocks(span, file):
        digest.update(block)
    return digest.digest()


def _blocks(span: Span, file: BinaryIO) -> Iterator[bytes]:
    """The bytes of a span, up to the end of the file."""
    file.seek(span.start)
    left = span.size
    while left and (block := file.read(min(left, _BLOCK))):
        left -= len(block)
        yield block


def _line(cuts: tuple[Cut, ...]) -> bytes:
    told = [[_told(cut.sound), _told(cut.frames), cut.reason] for cut in cuts]
    return json.dumps(told).encode() + b"\n"


def _told(span: Span | None) -> tuple[int, int, str] | None:
    return None if span is None else (span.start, span.size, span.digest.hex())


def _read(line: bytes) -> tuple[Cut, ...] | None:
    """What a line of the journal says; None of one that was cut off."""
    if not line.endswith(b"\n"):
        return None
    try:
        return tuple(Cut(_span(sound), _span(frames), reason) for sound, frames, reason in json.loads(line))
    except ValueError:  # the machine stopped before it was on the disk
        return None


def _span(told: Sequence[Any] | None) -> Span | None:
    return None if told is None else Span(told[0], told[1], bytes.fromhex(told[2]))
