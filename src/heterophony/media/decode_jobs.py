"""What a decoding is known by, and which of its items are decoded in one go."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from math import inf
from pathlib import Path

from heterophony.media.decode_file import Files
from heterophony.media.form import DECODER
from heterophony.media.limits import Limits
from heterophony.media.stretch import Stretch
from heterophony.media.wanted import Item, Wanted

_FORMAT = 1


def key_of(items: Sequence[Item], wanted: Wanted, limits: Limits) -> str:
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


def jobs_of(items: Sequence[Item]) -> tuple[list[Files], list[tuple[int, int]]]:
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
