"""One immutable piece of a shelf: `shard-*.npy` with the vectors, `shard-*.parquet` with their keys and notes.

The vectors are written first, the index last, each under another name and then renamed: an index that is there stands
for vectors that are there, whenever a process is killed. Names are never used twice, so writers need not know of each
other.
"""

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int

from heterophony.errors import StoreError

_ADVICE = "delete both files of this shard; what was in it is computed again"


@dataclass(frozen=True, slots=True)
class Shard:
    """What the index of a shard says.

    Attributes:
        path: Of the index; the vectors are beside it.
        keys: One per vector.
        notes: One per vector.
    """

    path: Path
    keys: tuple[str, ...]
    notes: tuple[str, ...]

    def vectors(self, rows: Int[np.ndarray, " n"]) -> Float32[np.ndarray, "n dim"]:
        """The vectors at `rows`, read from a memory map.

        Raises:
            StoreError: The file of vectors is missing, damaged or does not fit the index.
        """
        file = self.path.with_suffix(".npy")
        try:
            table = np.load(file, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise StoreError(f"{file}: vectors cannot be read ({error}); {_ADVICE}") from error
        if table.dtype != np.float32 or table.ndim != 2 or len(table) != len(self.keys):
            raise StoreError(
                f"{file}: {len(self.keys)} float32 vectors wanted, {table.dtype} {table.shape} came; {_ADVICE}"
            )
        return np.array(table[rows])


def write_shard(
    folder: Path, keys: Sequence[str], vectors: Float32[np.ndarray, "n dim"], notes: Sequence[str]
) -> Shard:
    """Writes a new shard into `folder`; when this returns it is complete and on the disk."""
    import pyarrow
    from pyarrow import parquet

    index = folder / f"shard-{uuid.uuid4().hex}.parquet"
    part = index.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, vectors, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(index.with_suffix(".npy"))
    with part.open("wb") as file:
        parquet.write_table(pyarrow.table({"key": list(keys), "note": list(notes)}), file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(index)
    return Shard(index, tuple(keys), tuple(notes))


def read_shard(index: Path) -> Shard:
    """The shard that this index file belongs to.

    Raises:
        StoreError: The index is damaged.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(index).read(["key", "note"])
    except (pyarrow.ArrowException, OSError, KeyError) as error:
        raise StoreError(f"{index}: index cannot be read ({error}); {_ADVICE}") from error
    return Shard(index, tuple(table["key"].to_pylist()), tuple(table["note"].to_pylist()))
