"""Decoding many recordings and videos once, in worker processes, into two files and an index on the disk."""

import fcntl
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from heterophony.errors import InputError, MediaError
from heterophony.media.decode_file import Cut, DecodeFiles, Files
from heterophony.media.decode_jobs import jobs_of, key_of
from heterophony.media.decoded import Decoded
from heterophony.media.decoded_index import indexed, open_decoded, save_index
from heterophony.media.growing import Growing, already
from heterophony.media.limits import Limits
from heterophony.media.pool import run_in_workers
from heterophony.media.room_needed import check_room
from heterophony.media.spool import writing
from heterophony.media.wanted import Item, Wanted

Progress = Callable[[int, int], None]

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
    done = folder / key_of(items, wanted, limits)
    if done.is_dir():
        return open_decoded(done)
    jobs, places = jobs_of(items)
    part = done.with_name(f"{done.name}.part")
    check_room(jobs, wanted, limits, part, already(part))
    with _own(part):
        if done.is_dir():  # another process has just made it
            shutil.rmtree(part)
            return open_decoded(done)
        count = _counter(places, progress)
        with Growing(part) as growing:
            _grow(growing, jobs, DecodeFiles(wanted, limits, _scratch(part)), workers, count)
            growing.finish()
        with writing(part):
            save_index(indexed(part, wanted, [growing.cuts[job][at] for job, at in places]))
            (part / _LOCK).unlink()
            part.rename(done)
    return open_decoded(done)


def _counter(places: Sequence[tuple[int, int]], progress: Progress | None) -> Callable[[int], None]:
    """To be called with the number of each job that is done."""
    rows = Counter(job for job, _ in places)
    done = 0

    def count(job: int) -> None:
        nonlocal done
        done += rows[job]
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
