"""A folder of embeddings, one shelf per fingerprint, that survives kills and serves several processes at once.

::

    store/<digest>/fingerprint.json     what made these vectors
    store/<digest>/shard-*.npy          [n, dim], float32 or float16, read as a memory map
    store/<digest>/shard-*.parquet      key, note and hash of the key: one row per vector
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float, Float32

from heterophony.encoders import Fingerprint
from heterophony.errors import StoreError
from heterophony.store.compact import MOST_BYTES, Compacted, compact_shards, is_small, only_one, remove_orphans
from heterophony.store.fingerprint_file import read_fingerprint, write_fingerprint
from heterophony.store.index import Index
from heterophony.store.numbers import as_stored, some_of
from heterophony.store.shard import read_shard, write_shard

CROWDED = 64  # small shards that are worth the work of merging them
_TRIES = 20  # a reader meets a compaction once, seldom twice

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Store:
    """Embeddings below one folder, which is made by the first `add`."""

    folder: Path

    def shelf(self, fingerprint: Fingerprint) -> "Shelf":
        """The shelf of the vectors with this fingerprint, possibly still empty.

        Raises:
            StoreError: The folder holds vectors with another fingerprint, or its files are damaged.
        """
        shelf = Shelf(self.folder / fingerprint.digest, fingerprint)
        shelf.refresh()
        return shelf


@dataclass(slots=True, eq=False)
class Shelf:
    """Vectors by key, all with one fingerprint. Open it with `Store.shelf`.

    Attributes:
        folder: Of this shelf.
        fingerprint: Of all its vectors.
    """

    folder: Path
    fingerprint: Fingerprint
    _index: Index = field(default_factory=Index, repr=False)

    def __len__(self) -> int:
        """How many keys are known; `refresh` sees what other processes have added."""
        return len(self._index.places)

    def keys(self) -> list[str]:
        """All keys that are known, sorted.

        Raises:
            StoreError: A file is damaged.
        """
        return sorted(self._steadily(lambda: self._index.texts("key", self._index.places)))

    def refresh(self) -> None:
        """Reads what other processes have added, and forgets the shards that they have merged into bigger ones.

        Raises:
            StoreError: A file is damaged, or the fingerprint of the folder is another one.
        """
        self._check_fingerprint()
        for _ in range(_TRIES):
            names = self._names()
            known = {shard.path.name: shard for shard in self._index.shards}
            kept = [known[name] for name in names if name in known]
            unread = [self.folder / name for name in names if name not in known]
            try:
                base = self._index if len(kept) == len(known) else Index().with_shards(kept)
                self._index = base.with_shards([read_shard(path, self.fingerprint.stored_as) for path in unread])
            except FileNotFoundError:
                continue
            return
        raise self._restless()

    def missing(self, keys: Sequence[str]) -> list[str]:
        """Those of `keys` that have no vector, each once, in the order given.

        Raises:
            StoreError: A file is damaged.
        """
        unique = list(dict.fromkeys(keys))
        places = self._steadily(lambda: self._index.find(unique))
        return [unique[at] for at in np.flatnonzero(places < 0).tolist()]

    def get(self, keys: Sequence[str]) -> tuple[Float32[np.ndarray, "n dim"], list[str]]:
        """Vectors and notes, in the order of `keys`.

        Raises:
            StoreError: Some key has no vector (the message names it), or a file is damaged.
        """
        vectors, notes = self.get_stored(keys)
        return vectors.astype(np.float32), notes

    def get_stored(self, keys: Sequence[str]) -> tuple[Float[np.ndarray, "n dim"], list[str]]:
        """Vectors with the numbers that are on the disk, float32 or float16, and notes, in the order of `keys`.

        Raises:
            StoreError: Some key has no vector (the message names it), or a file is damaged.
        """
        return self._steadily(lambda: self._read(keys))

    def add(self, keys: Sequence[str], vectors: Float32[np.ndarray, "n dim"], notes: Sequence[str]) -> None:
        """Puts vectors on the shelf, all or none of them. A key that is there already keeps its first vector.

        Raises:
            StoreError: Keys, vectors and notes differ in number, a number is not finite or too large for what the shelf
                stores, vectors of another length are on the shelf, or the folder has another fingerprint.
        """
        if not len(keys) == len(vectors) == len(notes):
            raise StoreError(f"{self.folder}: {len(keys)} keys, {len(vectors)} vectors and {len(notes)} notes came")
        blocks = list(as_stored(self.folder, keys, [vectors], self.fingerprint.stored_as))
        if keys:
            self.add_blocks(keys, blocks, notes, vectors.shape[1])

    def add_blocks(
        self, keys: Sequence[str], blocks: Iterable[Float[np.ndarray, "rows dim"]], notes: Sequence[str], dim: int
    ) -> None:
        """As `add`, with vectors that come block by block: a collection larger than the memory becomes one shard.

        Raises:
            StoreError: As `add`.
        """
        self._check_dim(dim)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._check_fingerprint()
        write_fingerprint(self.folder, self.fingerprint)
        stored = as_stored(self.folder, keys, blocks, self.fingerprint.stored_as)
        shard = write_shard(self.folder, keys, stored, notes, dim, self.fingerprint.stored_as)
        try:
            self._index = self._index.with_shards([shard])
        except FileNotFoundError:
            self.refresh()

    @property
    def crowded(self) -> bool:
        """Whether there are so many small shards that `compact` is worth its work.

        Raises:
            StoreError: A file is damaged.
        """
        return self._steadily(lambda: sum(map(is_small, self._index.shards))) > CROWDED

    def compact(self, most_bytes: int = MOST_BYTES) -> Compacted:
        """Merges small shards into big ones, safe beside readers and writers and against kills; see `compact_shards`.

        Args:
            most_bytes: Of the vectors of one merged shard.

        Raises:
            StoreError: A file is damaged; nothing of it is deleted.
        """
        if not self.folder.is_dir():
            return Compacted(0, 0, 0)
        with only_one(self.folder) as alone:
            if not alone:
                return Compacted(len(self._index.shards), len(self._index.shards), 0, busy=True)
            orphans = remove_orphans(self.folder)
            self.refresh()
            before = len(self._index.shards)
            compact_shards(self.folder, self._index.shards, self.fingerprint.stored_as, most_bytes)
            self.refresh()
            return Compacted(before, len(self._index.shards), orphans)

    def check(self) -> int:
        """Opens every file of vectors; gives the numbers per vector, 0 if there is none.

        Raises:
            StoreError: A file is missing, damaged or does not fit the others.
        """
        return self._steadily(lambda: self._index.check())

    def _read(self, keys: Sequence[str]) -> tuple[Float[np.ndarray, "n dim"], list[str]]:
        places = self._index.find(keys)
        absent = list(dict.fromkeys(keys[at] for at in np.flatnonzero(places < 0).tolist()))
        if absent:
            raise StoreError(
                f"{self.folder}: no embedding for {len(absent)} of {len(keys)} keys: {some_of(absent)}; "
                "embed them first"
            )
        return self._index.vectors(places), self._index.texts("note", places)

    def _steadily(self, read: Callable[[], _Read]) -> _Read:
        """What `read` gives; once more after a refresh where another process has merged shards meanwhile."""
        for _ in range(_TRIES):
            try:
                return read()
            except FileNotFoundError:
                self.refresh()
        raise self._restless()

    def _restless(self) -> StoreError:
        return StoreError(f"{self.folder}: shards vanish while they are read; end what deletes them and try again")

    def _names(self) -> list[str]:
        """The index files. A reading that is overtaken by a compaction may miss a merged shard, so it is repeated."""
        names = {path.name for path in self.folder.glob("shard-*.parquet")}
        while True:
            again = {path.name for path in self.folder.glob("shard-*.parquet")}
            if names <= again:
                return sorted(again)
            names = again

    def _check_dim(self, dim: int) -> None:
        if len(self):
            there = self._steadily(lambda: self._index.vectors(self._index.places[:1])).shape[1]
            if there != dim:
                raise StoreError(f"{self.folder}: vectors here have {there} numbers, {dim} came")

    def _check_fingerprint(self) -> None:
        there = read_fingerprint(self.folder)
        different = self.fingerprint.differences(there) if there else []
        if different:
            raise StoreError(
                f"{self.folder / 'fingerprint.json'}: vectors with another fingerprint must not be mixed: "
                f"{'; '.join(different)}"
            )
