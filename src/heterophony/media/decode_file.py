"""What a worker process does of a decoding: all rows that share their files, into two files of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from heterophony.errors import AbsentError, MediaError
from heterophony.media.limits import Limits
from heterophony.media.picture_pieces import cut_pictures
from heterophony.media.sound_pieces import cut_sound
from heterophony.media.spool import Span, Spool
from heterophony.media.stretch import Stretch
from heterophony.media.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Files:
    """What is decoded in one go.

    Attributes:
        number: Names the files that are written, `<number>.sound` and `<number>.frames`.
        path: Of the sound, and of the pictures, unless they lie in another file.
        pictures_path: Of the pictures; None: `path`.
        stretches: Of these, all different, ascending by their starts.
    """

    number: int
    path: Path
    pictures_path: Path | None
    stretches: tuple[Stretch | None, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """What one stretch gave.

    Attributes:
        sound: Where its samples lie in `<number>.sound`; None if it has no sound, or is refused.
        frames: Where its pictures lie in `<number>.frames`; None if it has none, or is refused.
        reason: Why it is refused; "" if it is not.
    """

    sound: Span | None = None
    frames: Span | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DecodeFiles:
    """Decodes what is wanted of files; travels to the workers.

    Attributes:
        wanted: What is kept.
        limits: Of each file.
        folder: Where to.
    """

    wanted: Wanted
    limits: Limits
    folder: Path

    def __call__(self, files: Files) -> tuple[Cut, ...]:
        """What each stretch gave; a file that is refused refuses all of them.

        Raises:
            InputError: The folder cannot be written.
        """
        heard: list[Span | MediaError] = []
        seen: list[Span | MediaError] = []
        form, looks = self.wanted.sound, self.wanted.looks
        if form is not None:
            heard = self._spooled(
                files, "sound", lambda spool: cut_sound(files.path, form, files.stretches, self.limits, spool)
            )
        if looks is not None:
            path = files.pictures_path or files.path
            seen = self._spooled(
                files, "frames", lambda spool: cut_pictures(path, looks, files.stretches, self.limits, spool)
            )
        return tuple(_cut(heard[at : at + 1], seen[at : at + 1]) for at in range(len(files.stretches)))

    def _spooled(
        self, files: Files, kind: str, decode: Callable[[Spool], list[MediaError | None]]
    ) -> list[Span | MediaError]:
        """Where each stretch lies in a new file, or what is wrong with it."""
        try:
            with Spool(self.folder / f"{files.number}.{kind}", len(files.stretches)) as spool:
                errors = decode(spool)
        except MediaError as error:
            return [error] * len(files.stretches)
        return [span if error is None else error for span, error in zip(spool.spans, errors, strict=True)]


def _cut(heard: list[Span | MediaError], seen: list[Span | MediaError]) -> Cut:
    """What is there of sound and pictures; refused if one of them is damaged, or neither is there."""
    errors = [one for one in (*heard, *seen) if isinstance(one, MediaError)]
    damaged = [error for error in errors if not isinstance(error, AbsentError)]
    if damaged or len(errors) == len(heard) + len(seen):
        return Cut(reason="; ".join(dict.fromkeys(map(str, damaged or errors))))
    sound, frames = (next((one for one in some if isinstance(one, Span)), None) for some in (heard, seen))
    return Cut(sound, frames)
