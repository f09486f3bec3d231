"""One immutable piece of a shelf: `shard-*.npy` with the vectors, `shard-*.parquet` with their keys and notes.

The vectors are written first, the index last, each under another name and then renamed: an index that is there stands
for vectors that are there, whenever a process is killed. Names are never used twice, so writers need not know of each
other. An index is deleted before its vectors: whoever finds vectors without an index finds nothing that counts.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from jaxtyping import Float, Int64, UInt64

from heterophony.errors import StoreError
from heterophony.store.new_file import new_file

_ADVICE = "delete both files of this shard; what was in it is computed again"
_HASH_BYTES = 16


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """An index on the disk and the vectors beside it. Only the hashes are in memory before more is asked for.

    Attributes:
        path: Of the index; the vectors are beside it.
        hashes: Of the keys; see `key_hashes`.
        stored_as: Kind of number of the vectors, "float32" or "float16".
    """

    path: Path
    hashes: UInt64[np.ndarray, "2 n"]
    stored_as: str
    _columns: dict[str, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Vectors in it."""
        return int(self.hashes.shape[1])

    def texts(self, column: str, rows: Int64[np.ndarray, " n"]) -> list[str]:
        """What stands at `rows` in a column of the index: "key" or "note". A column is read once.

        Raises:
            FileNotFoundError: The shard has become part of a bigger one.
            StoreError: The index is damaged.
        """
        import pyarrow

        if column not in self._columns:
            self._columns[column] = _read_column(self.path, column)
        texts: list[str] = self._columns[column].take(pyarrow.array(rows)).to_pylist()
        return texts

    def vectors(self, rows: Int64[np.ndarray, " n"]) -> Float[np.ndarray, "n dim"]:
        """The vectors at `rows` as they are stored, read from a memory map.

        Raises:
            FileNotFoundError: The shard has become part of a bigger one.
            StoreError: The file of vectors is missing, damaged or does not fit the index.
        """
        file = self.path.with_suffix(".npy")
        try:
            table = np.load(file, mmap_mode="r", allow_pickle=False)
        except FileNotFoundError as error:
            if not self.path.exists():
                raise
            raise StoreError(f"{file}: vectors cannot be read (there is only their index); {_ADVICE}") from error
        except (OSError, ValueError, EOFError) as error:
            raise StoreError(f"{file}: vectors cannot be read ({error}); {_ADVICE}") from error
        if table.dtype != np.dtype(self.stored_as) or table.ndim != 2 or len(table) != len(self):
            raise StoreError(
                f"{file}: {len(self)} {self.stored_as} vectors wanted, {table.dtype} {table.shape} came; {_ADVICE}"
            )
        vectors: Float[np.ndarray, "n dim"] = np.asarray(table)[rows]
        return vectors

    def size(self) -> int:
        """Bytes of the vectors.

        Raises:
            FileNotFoundError: The shard has become part of a bigger one.
        """
        return self.path.with_suffix(".npy").stat().st_size


def key_hashes(keys: Sequence[str]) -> UInt64[np.ndarray, "2 n"]:
    """128 bits of BLAKE2b per key, as two numbers: what an index is searched by. Equal hashes, equal keys."""
    return _split(b"".join(_digest(key) for key in keys))


def write_shard(
    folder: Path, keys: Sequence[str], blocks: Iterable[Float[np.ndarray, "rows dim"]], notes: Sequence[str], dim: int,
    stored_as: str = "float32",
) -> Shard:  # fmt: skip
    """Writes a new shard into `folder`; when this returns it is complete and on the disk.

    Args:
        folder: Of the shelf.
        keys: One per vector.
        blocks: The vectors, in as many pieces as suits the memory.
        notes: One per vector.
        dim: Numbers per vector.
        stored_as: Kind of number on the disk; the vectors must fit in it.

    Raises:
        StoreError: There are more or fewer vectors than keys.
    """
    import pyarrow
    from pyarrow import parquet

    index = folder / f"shard-{uuid.uuid4().hex}.parquet"
    digests = [_digest(key) for key in keys]
    columns = {
        "key": pyarrow.array(keys, pyarrow.large_string()),
        "hash": pyarrow.array(digests, pyarrow.binary(_HASH_BYTES)),
        "note": pyarrow.array(notes, pyarrow.large_string()),
    }
    with new_file(index.with_suffix(".npy")) as file:
        count = _write_vectors(file, blocks, (len(keys), dim), stored_as)
        if count != len(keys):
            raise StoreError(f"{folder}: {len(keys)} keys and {count} vectors came; not stored")
    with new_file(index) as file:
        parquet.write_table(pyarrow.table(columns), file, compression="zstd", use_dictionary=["note"])
    return Shard(index, _split(b"".join(digests)), stored_as)


def read_shard(index: Path, stored_as: str = "float32") -> Shard:
    """The shard that this index file belongs to.

    Raises:
        FileNotFoundError: The shard has become part of a bigger one.
        StoreError: The index is damaged.
    """
    import pyarrow

    column = _read_column(index, "hash", instead="key")
    if column.type != pyarrow.binary(_HASH_BYTES):  # an index of the first version had only keys and notes
        return Shard(index, key_hashes(column.to_pylist()), stored_as)
    start = column.offset * _HASH_BYTES
    return Shard(index, _split(column.buffers()[1][start : start + len(column) * _HASH_BYTES]), stored_as)


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()


def _split(digests: Any) -> UInt64[np.ndarray, "2 n"]:  # noqa: ANN401 - bytes, or a buffer of pyarrow
    pairs = np.frombuffer(digests, dtype="<u8").reshape(-1, 2)
    return np.ascontiguousarray(pairs.T, dtype=np.uint64)


def _write_vectors(
    file: BinaryIO, blocks: Iterable[Float[np.ndarray, "rows dim"]], shape: tuple[int, int], stored_as: str
) -> int:
    """What `np.save` would write, block by block; gives the number of vectors."""
    kind = np.dtype(stored_as)
    header = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    count = 0
    for block in blocks:
        file.write(np.ascontiguousarray(block, dtype=kind).data)
        count += len(block)
    return count


def _read_column(index: Path, name: str, instead: str = "") -> Any:  # noqa: ANN401 - pyarrow has no types
    """One column as one piece; the other one if it is not there."""
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(index) as file:
            name = name if name in file.schema_arrow.names or not instead else instead
            return file.read([name])[name].combine_chunks()
    except FileNotFoundError:
        raise
    except (pyarrow.ArrowException, OSError, KeyError) as error:
        raise StoreError(f"{index}: index cannot be read ({error}); {_ADVICE}") from error
