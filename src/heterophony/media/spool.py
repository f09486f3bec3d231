"""Pieces of one recording that grow side by side and are written to a file one behind the other."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from jaxtyping import Num

from heterophony.errors import InputError

Array = Num[np.ndarray, "..."]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a piece lies in its file.

    Attributes:
        start: Its first byte.
        size: How many bytes.
        digest: Their SHA-256.
    """

    start: int
    size: int
    digest: bytes


class Spool:
    """Writes the pieces in their order; of all that come before they are in turn the arrays are held.

    Of pieces that follow each other none is held for long; of those that overlap, no more than the overlap.

    Attributes:
        spans: Of the pieces that ended, in their order; of all of them after leaving.
    """

    def __init__(self, path: Path, pieces: int) -> None:
        self._path = path
        self._held: list[list[Array]] = [[] for _ in range(pieces)]
        self._ended = [False] * pieces
        self._at = self._start = 0
        self._sum = hashlib.sha256()
        self.spans: list[Span] = []

    def __enter__(self) -> "Spool":
        """Opens the file anew."""
        with writing(self._path):
            self._file = self._path.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends what has not ended."""
        try:
            if error is None:
                for piece in range(len(self.spans), len(self._ended)):
                    self.end(piece)
        finally:
            with writing(self._path):
                self._file.close()

    def add(self, piece: int, array: Array) -> None:
        """Puts something at the end of a piece.

        Raises:
            InputError: The file cannot be written.
        """
        if piece == len(self.spans):
            self._write(array)
        else:
            self._held[piece].append(array)

    def end(self, piece: int) -> None:
        """Nothing more comes of a piece."""
        self._ended[piece] = True
        while len(self.spans) < len(self._ended) and self._ended[len(self.spans)]:
            self.spans.append(Span(self._start, self._at - self._start, self._sum.digest()))
            self._start, self._sum = self._at, hashlib.sha256()
            for array in self._held[len(self.spans)] if len(self.spans) < len(self._held) else ():
                self._write(array)
            self._held[len(self.spans) - 1].clear()

    def _write(self, array: Array) -> None:
        content: Any = np.ascontiguousarray(array).data
        with writing(self._path):
            self._file.write(content)
        self._sum.update(content)
        self._at += array.nbytes


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What goes wrong meanwhile is a fault of the disk and not of a recording.

    Raises:
        InputError: It is full, or the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error}); make room, or choose another folder"
        ) from error
