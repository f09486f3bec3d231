"""A folder of embeddings, one shelf per fingerprint, that survives kills and serves several processes at once.

::

    store/<digest>/fingerprint.json     what made these vectors
    store/<digest>/shard-*.npy          float32 [n, dim], read as a memory map
    store/<digest>/shard-*.parquet      key, note: one row per vector
"""

import json
import os
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from heterophony.encoders import Fingerprint
from heterophony.errors import StoreError
from heterophony.store.shard import Shard, read_shard, write_shard

_NAMED = 5  # so many ids stand in a message


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
    _places: dict[str, tuple[Shard, int]] = field(default_factory=dict, repr=False)
    _read: set[str] = field(default_factory=set, repr=False)

    def __len__(self) -> int:
        """How many keys are known; `refresh` sees what other processes have added."""
        return len(self._places)

    def refresh(self) -> None:
        """Reads what other processes have added.

        Raises:
            StoreError: A file is damaged, or the fingerprint of the folder is another one.
        """
        self._check_fingerprint()
        for index in sorted(self.folder.glob("shard-*.parquet")):
            if index.name not in self._read:
                self._remember(read_shard(index))

    def missing(self, keys: Sequence[str]) -> list[str]:
        """Those of `keys` that have no vector, each once, in the order given."""
        return [key for key in dict.fromkeys(keys) if key not in self._places]

    def get(self, keys: Sequence[str]) -> tuple[Float32[np.ndarray, "n dim"], list[str]]:
        """Vectors and notes, in the order of `keys`.

        Raises:
            StoreError: Some key has no vector (the message names it), or a file is damaged.
        """
        absent = self.missing(keys)
        if absent:
            named = ", ".join(absent[:_NAMED]) + (" …" if len(absent) > _NAMED else "")
            raise StoreError(
                f"{self.folder}: no embedding for {len(absent)} of {len(keys)} keys: {named}; embed them first"
            )
        if not keys:
            return np.zeros((0, 0), dtype=np.float32), []
        wanted: dict[Path, list[tuple[int, int]]] = {}  # index file -> (where in the result, row of the shard)
        shards: dict[Path, Shard] = {}
        for at, key in enumerate(keys):
            shard, row = self._places[key]
            shards[shard.path] = shard
            wanted.setdefault(shard.path, []).append((at, row))
        parts = [(np.array(pairs)[:, 0], shards[path].vectors(np.array(pairs)[:, 1])) for path, pairs in wanted.items()]
        order = np.argsort(np.concatenate([at for at, _ in parts]))
        notes = [shard.notes[row] for shard, row in (self._places[key] for key in keys)]
        return np.concatenate([vectors for _, vectors in parts])[order], notes

    def add(self, keys: Sequence[str], vectors: Float32[np.ndarray, "n dim"], notes: Sequence[str]) -> None:
        """Puts vectors on the shelf, all or none of them. A key that is there already keeps its first vector.

        Raises:
            StoreError: Keys, vectors and notes differ in number, a number is not finite, vectors of another length are
            on the
                shelf, or the folder has another fingerprint.
        """
        if not len(keys) == len(vectors) == len(notes):
            raise StoreError(f"{self.folder}: {len(keys)} keys, {len(vectors)} vectors and {len(notes)} notes came")
        broken = [key for key, good in zip(keys, np.isfinite(vectors).all(axis=1), strict=True) if not good]
        if broken:
            raise StoreError(f"{self.folder}: embeddings of {', '.join(broken[:_NAMED])} are not finite; not stored")
        if not keys:
            return
        self._check_dim(vectors.shape[1])
        self.folder.mkdir(parents=True, exist_ok=True)
        self._check_fingerprint()
        self._write_fingerprint()
        self._remember(write_shard(self.folder, keys, vectors, notes))

    def _remember(self, shard: Shard) -> None:
        self._read.add(shard.path.name)
        for row, key in enumerate(shard.keys):
            self._places.setdefault(key, (shard, row))

    def _check_dim(self, dim: int) -> None:
        for shard, _ in self._places.values():
            there = shard.vectors(np.array([0])).shape[1]
            if there != dim:
                raise StoreError(f"{self.folder}: vectors here have {there} numbers, {dim} came")
            return

    def _check_fingerprint(self) -> None:
        path = self.folder / "fingerprint.json"
        if not path.is_file():
            return
        try:
            there = Fingerprint(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise StoreError(f"{path}: not a fingerprint ({error}); delete the folder or use another store") from error
        different = self.fingerprint.differences(there)
        if different:
            raise StoreError(f"{path}: vectors with another fingerprint must not be mixed: {'; '.join(different)}")

    def _write_fingerprint(self) -> None:
        path = self.folder / "fingerprint.json"
        if path.is_file():
            return
        part = self.folder / f"{uuid.uuid4().hex}.part"
        with part.open("w", encoding="utf-8") as file:
            json.dump(asdict(self.fingerprint), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
