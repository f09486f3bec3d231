"""How much disk a decoding takes, before it is begun."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from heterophony.errors import InputError, MediaError
from heterophony.media.containers import open_container, promised_seconds
from heterophony.media.decode_file import Files
from heterophony.media.limits import Limits
from heterophony.media.opening import open_source
from heterophony.media.wanted import Wanted

_OPENED = 32


def check_room(jobs: Sequence[Files], wanted: Wanted, limits: Limits, folder: Path, already: int = 0) -> None:
    """Refuses what the disk has no room for, by what the headers of some files say.

    Args:
        jobs: What is to be decoded.
        wanted: In which form.
        limits: Of each file.
        folder: Lies on the disk, or will.
        already: Bytes that are there already.

    Raises:
        InputError: There is not enough; says how much is needed and how much is free.
    """
    opened = jobs[:: max(1, -(-len(jobs) // _OPENED))]
    seconds = sum(_seconds(job, limits) for job in opened) * len(jobs) / max(1, len(opened))
    pictures = len({job.pictures_path or job.path for job in jobs}) / max(1, len(jobs))  # copies of a sound share them
    sound = Wanted(wanted.sound, None).bytes_per_second if wanted.sound else 0
    needed = int(seconds * (sound + pictures * (wanted.bytes_per_second - sound))) - already
    there = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    free = shutil.disk_usage(there).free
    if needed > free:
        raise InputError(
            f"{folder}: decoding takes about {_shown(needed)}, {_shown(free)} are free; remove what is not "
            f"used any more (older decodings lie in {folder.parent}), or choose a folder on another disk"
        )


def _shown(size: int) -> str:
    """Bytes for messages.

    >>> _shown(90_000), _shown(61 * 2**30)
    ('88 KiB', '61 GiB')
    """
    unit = min(3, max(1, (size.bit_length() - 1) // 10))
    return f"{size / 2 ** (10 * unit):.0f} {'  KMG'[unit + 1]}iB"


def _seconds(job: Files, limits: Limits) -> float:
    """How long all stretches of a file are; what its header does not say is taken for nothing."""
    paths = [job.path] if job.pictures_path is None else [job.path, job.pictures_path]
    known = [seconds for path in paths if (seconds := header_seconds(path, limits)) is not None]
    length = min(max(known), limits.max_seconds) if known else None
    total = 0.0
    for stretch in job.stretches:
        if stretch is None:
            total += length or 0.0
        else:
            start, end = stretch
            total += max(0.0, (end if length is None else min(end, length)) - start)
    return total


def header_seconds(path: Path, limits: Limits) -> float | None:
    """How long a file is by its header; None where that says nothing, or where it cannot be opened."""
    try:
        with open_source(path, limits) as source:
            return None if source.promised is None else source.promised / source.rate_hz
    except MediaError:  # no sound in it; whether it is refused is found when it is decoded
        pass
    try:
        with open_container(path, limits) as container:
            stream = next(iter(container.streams.video), None)
            return None if stream is None else promised_seconds(container, stream)
    except MediaError:
        return None
