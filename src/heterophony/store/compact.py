"""Many small shards become a few big ones.

A run adds a shard for every 256 clips, so a million clips would be four thousand pairs of files. A merged shard is on
the disk in full, index and all, before the small ones are deleted, so a kill at any moment leaves every key readable:
at worst a key is there twice, with the same vector. Readers that still hold a deleted shard find its vectors in the
merged one when they refresh; writers only ever add new names.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int64

from heterophony.store.index import Index
from heterophony.store.shard import Shard, write_shard

MOST_BYTES = 256 * 2**20  # of the vectors of a merged shard
_MOST_ROWS = 2**18  # keys and notes of one shard are in memory at once
_BLOCK_BYTES = 32 * 2**20  # of the vectors that are in memory at once
_ABANDONED_S = 3600.0  # a writer that lives has gone on by then


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did.

    Attributes:
        before: Shards that were there.
        after: Shards that are there now.
        orphans: Files of killed writers that were removed.
        busy: Another process is at it, and nothing was done.
    """

    before: int
    after: int
    orphans: int
    busy: bool = False


def is_small(shard: Shard, most_bytes: int = MOST_BYTES) -> bool:
    """Whether it is worth merging: less than half of the largest.

    Raises:
        FileNotFoundError: It has become part of a bigger one.
    """
    return shard.size() < most_bytes // 2 and len(shard) < _MOST_ROWS // 2


def compact_shards(folder: Path, shards: Sequence[Shard], stored_as: str, most_bytes: int = MOST_BYTES) -> None:
    """Merges the small ones among `shards` into shards of at most `most_bytes`, each sorted by key.

    Call it while `only_one` holds the folder. In memory are 32 MiB of vectors, and keys and notes of one merged shard.

    Raises:
        StoreError: A shard is damaged; it is not deleted.
    """
    small: list[Shard] = []
    big: list[Shard] = []
    for shard in shards:
        (small if is_small(shard, most_bytes) else big).append(shard)
    index = Index().with_shards([*big, *small])  # what is in a big shard is not copied again
    first = len(big)
    for group in _groups(small, most_bytes):
        numbers = index.shard_of(index.places)
        places = index.places[(numbers >= first) & (numbers < first + len(group))]
        first += len(group)
        if len(group) == 1 and len(places) == len(group[0]):
            continue
        if len(places):
            _merge(folder, index, places, stored_as)
        for shard in group:
            shard.path.unlink()
            shard.path.with_suffix(".npy").unlink()


@contextmanager
def only_one(folder: Path) -> Iterator[bool]:
    """Whether this process alone may compact the shelf in `folder`, until the end of the block. Nobody waits."""
    with (folder / "compact.lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True  # closing the file gives the lock back, and so does a kill


def remove_orphans(folder: Path) -> int:
    """Deletes what killed processes have left for more than an hour; gives the number of files."""
    left = [path for path in folder.glob("shard-*.npy") if not path.with_suffix(".parquet").exists()]
    removed = 0
    for path in [*left, *folder.glob("*.part")]:
        try:
            if time.time() - path.stat().st_mtime > _ABANDONED_S:
                path.unlink()
                removed += 1
        except FileNotFoundError:  # its writer has just renamed it
            continue
    return removed


def _groups(shards: Sequence[Shard], most_bytes: int) -> Iterator[list[Shard]]:
    """Neighbours that fit into one shard together."""
    group: list[Shard] = []
    size = rows = 0
    for shard in shards:
        if group and (size + shard.size() > most_bytes or rows + len(shard) > _MOST_ROWS):
            yield group
            group, size, rows = [], 0, 0
        group.append(shard)
        size, rows = size + shard.size(), rows + len(shard)
    if group:
        yield group


def _merge(folder: Path, index: Index, places: Int64[np.ndarray, " n"], stored_as: str) -> None:
    """One shard of the vectors at `places`, and the certainty that its name is on the disk too."""
    keys = index.texts("key", places)
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)
    places = places[order]
    dim = index.vectors(places[:1]).shape[1]
    rows = max(1, _BLOCK_BYTES // max(1, dim * np.dtype(stored_as).itemsize))

    def blocks() -> Iterator[Float[np.ndarray, "rows dim"]]:
        for start in range(0, len(places), rows):
            yield index.vectors(places[start : start + rows])

    write_shard(folder, [keys[at] for at in order], blocks(), index.texts("note", places), dim, stored_as)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
