"""Decoding many recordings and videos once, in worker processes, into two files and an index on the disk."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from math import inf
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from jaxtyping import Int64

from heterophony.errors import InputError, MediaError
from heterophony.media.decode_file import Cut, DecodeFiles, Files
from heterophony.media.decoded import Decoded, open_decoded
from heterophony.media.form import DECODER
from heterophony.media.growing import Growing, already
from heterophony.media.limits import Limits
from heterophony.media.pool import run_in_workers
from heterophony.media.room_needed import check_room
from heterophony.media.spool import writing
from heterophony.media.stretch import Stretch
from heterophony.media.wanted import BYTES_PER_SAMPLE, Item, Wanted

Progress = Callable[[int, int], None]

_FORMAT = 1
_LOCK = "lock"


def decode(
    items: Sequence[Item],
    wanted: Wanted,
    folder: Path,
    *,
    limits: Limits | None = None,
    workers: int = 0,
    progress: Progress | None = None,
) -> Decoded:
    """Decodes what is wanted of every item, or finds it decoded already.

    Sound is what `SoundStreams` gives, rounded to 16 bits, pictures are what `iter_seconds` gives. Items that share
    their files are cut out of one pass over them. A missing modality is no fault; an item whose files are damaged, or
    that has neither modality, is refused with a reason, and the others go on.

    What comes is kept in a folder of its own in `folder`, named by the items (paths, sizes and times of change,
    stretches), what is wanted and the limits, and is found there again; refusals too. It appears there when it is
    complete. Nothing is removed but what a process that was killed has left. The files are the same whatever the number
    of workers.

    Args:
        items: The rows.
        wanted: In which form.
        folder: Holds decodings; is made if need be.
        limits: Of each file.
        workers: Number of processes; 0 decodes in this one, without limits of time and memory.
        progress: Called with (items that are done, all).

    Raises:
        InputError: There is not enough room on the disk, the folder cannot be written, or another process is decoding
            the same into it.
    """
    limits = limits or Limits()
    done = folder / _key(items, wanted, limits)
    if done.is_dir():
        return open_decoded(done)
    jobs, places = _jobs(items)
    part = done.with_name(f"{done.name}.part")
    check_room(jobs, wanted, limits, part, already(part))
    with _own(part):
        if done.is_dir():  # another process has just made it
            shutil.rmtree(part)
            return open_decoded(done)
        count = _counter(jobs, places, progress)
        with Growing(part) as growing:
            _grow(growing, jobs, DecodeFiles(wanted, limits, _scratch(part)), workers, count)
            growing.finish()
        with writing(part):
            _indexed(part, wanted, [growing.cuts[job][at] for job, at in places]).save()
            (part / _LOCK).unlink()
            part.rename(done)
    return open_decoded(done)


def _key(items: Sequence[Item], wanted: Wanted, limits: Limits) -> str:
    """Names what is decoded; 32 hex digits."""
    known: dict[Path | None, object] = {None: None}
    for path in {path for item in items for path in (item.path, item.pictures_path) if path is not None}:
        try:
            found = path.stat()
        except (OSError, ValueError):  # it is refused
            known[path] = os.fspath(path.absolute())
        else:
            known[path] = os.fspath(path.absolute()), found.st_size, found.st_mtime_ns
    rows = [(known[item.path], known[item.pictures_path], item.stretch) for item in items]
    told = json.dumps([_FORMAT, DECODER, asdict(wanted), asdict(limits), rows])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _jobs(items: Sequence[Item]) -> tuple[list[Files], list[tuple[int, int]]]:
    """Items that share their files as one job; and of each item its job and the number of its stretch."""
    shared: dict[tuple[Path, Path | None], set[Stretch | None]] = {}
    for item in items:
        shared.setdefault((item.path, item.pictures_path), set()).add(item.stretch)
    jobs = [
        Files(number, *paths, tuple(sorted(stretches, key=lambda stretch: stretch or (0.0, inf))))
        for number, (paths, stretches) in enumerate(shared.items())
    ]
    job_of = {(job.path, job.pictures_path): job for job in jobs}
    found = [(item, job_of[item.path, item.pictures_path]) for item in items]
    return jobs, [(job.number, job.stretches.index(item.stretch)) for item, job in found]


def _counter(
    jobs: Sequence[Files], places: Sequence[tuple[int, int]], progress: Progress | None
) -> Callable[[int], None]:
    """To be called with the number of each job that is done."""
    rows = np.bincount([job for job, _ in places], minlength=len(jobs))
    done = 0

    def count(job: int) -> None:
        nonlocal done
        done += int(rows[job])
        if progress is not None:
            progress(done, len(places))

    return count


def _grow(
    growing: Growing, jobs: Sequence[Files], decode_files: DecodeFiles, workers: int, count: Callable[[int], None]
) -> None:
    """Does all jobs that are not done; their results are taken over in the order of the jobs."""
    first = len(growing.cuts)
    for number in range(first):
        count(number)
    waiting: dict[int, tuple[Cut, ...]] = {}
    outcomes = run_in_workers(
        decode_files, jobs[first:], workers=workers, limits=decode_files.limits, name=lambda job: str(job.path)
    )
    for index, outcome in outcomes:
        job = jobs[first + index]
        if isinstance(outcome, MediaError):
            outcome = (Cut(reason=str(outcome)),) * len(job.stretches)
        waiting[job.number] = outcome
        count(job.number)
        while (number := len(growing.cuts)) in waiting:
            sound, frames = (decode_files.folder / f"{number}.{kind}" for kind in ("sound", "frames"))
            growing.add(waiting.pop(number), sound, frames)
            sound.unlink(missing_ok=True)
            frames.unlink(missing_ok=True)
    decode_files.folder.rmdir()


def _indexed(folder: Path, wanted: Wanted, cuts: Sequence[Cut]) -> Decoded:
    """The index of all rows."""
    sample = wanted.sound.channels * BYTES_PER_SAMPLE if wanted.sound else 1
    second = wanted.looks.bytes_per_second if wanted.looks else 1
    digest = hashlib.sha256(json.dumps(asdict(wanted)).encode())
    for cut in cuts:
        held = [(span.size, span.digest.hex()) if span else None for span in (cut.sound, cut.frames)]
        digest.update(json.dumps([*held, bool(cut.reason)]).encode())
    return Decoded(
        folder=folder,
        wanted=wanted,
        sound_at=_numbers([cut.sound.start // sample if cut.sound else -1 for cut in cuts]),
        sound_length=_numbers([cut.sound.size // sample if cut.sound else 0 for cut in cuts]),
        frames_at=_numbers([cut.frames.start // second if cut.frames else -1 for cut in cuts]),
        frames_length=_numbers([cut.frames.size // second if cut.frames else 0 for cut in cuts]),
        reasons=tuple(cut.reason for cut in cuts),
        digest=digest.digest(),
    )


def _numbers(values: Sequence[int]) -> Int64[np.ndarray, " rows"]:
    return np.array(values, dtype=np.int64)


def _scratch(part: Path) -> Path:
    """A new folder for what the workers write; those of processes that were killed are removed."""
    with writing(part):
        for old in part.glob("scratch-*"):
            shutil.rmtree(old)
        return Path(mkdtemp(prefix="scratch-", dir=part))


@contextmanager
def _own(part: Path) -> Iterator[None]:
    """Makes a folder and keeps others from writing into it.

    Raises:
        InputError: Another process writes into it, or it cannot be made.
    """
    with writing(part):
        part.mkdir(parents=True, exist_ok=True)
        lock = (part / _LOCK).open("ab")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"{part}: another process is decoding the same; wait for it") from error
        yield
