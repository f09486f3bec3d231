"""A shelf as one file for other programs, and for another store: keys, vectors, notes and the fingerprint.

Rows are sorted by key and nothing says when or where the file was made: two shelves with the same vectors give the same
bytes (with the same versions of the libraries that write them), however their shards lie.

========== ============================================================ =================================
suffix     holds                                                        memory
========== ============================================================ =================================
.parquet   columns key, vector (list of fixed size), note               keys, and 32 MiB of vectors
.npz       arrays keys (text), vectors, notes and note_ends (packed)    all of it
           and fingerprint (JSON)
.safetensors  vectors, keys and key_ends, notes and note_ends (packed)  all of it, twice
========== ============================================================ =================================

The fingerprint is JSON in the metadata, under `heterophony`. Packed texts are their UTF-8, one after the other, and
where each ends: text n is `bytes[ends[n - 1]:ends[n]]`. Vectors are float16 where the shelf keeps float16.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from jaxtyping import Int64, UInt8

from heterophony.errors import ConfigError, StoreError
from heterophony.store.new_file import new_file
from heterophony.store.shelf import Shelf

METADATA = "heterophony"
_BLOCK_BYTES = 32 * 2**20


def export_shelf(shelf: Shelf, path: Path) -> int:
    """Writes a shelf to a `.parquet`, `.npz` or `.safetensors` file, replaced in one step; gives the number of rows.

    Raises:
        ConfigError: The suffix is none of these.
        StoreError: The shelf is empty or damaged.
    """
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise ConfigError(f"{path}: a shelf cannot be written as {path.suffix!r}; use {', '.join(WRITERS)}")
    keys = shelf.keys()
    if not keys:
        raise StoreError(f"{shelf.folder}: there are no vectors on it; nothing to export")
    with new_file(path) as file:
        write(shelf, keys, file)
    return len(keys)


def pack(texts: Sequence[str]) -> tuple[UInt8[np.ndarray, " bytes"], Int64[np.ndarray, " n"]]:
    """Texts as bytes, one after the other, and where each ends."""
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), np.uint8), ends


def unpack(packed: UInt8[np.ndarray, " bytes"], ends: Int64[np.ndarray, " n"]) -> list[str]:
    """The texts that `pack` was given.

    >>> unpack(*pack(["ice", "", "Käse"]))
    ['ice', '', 'Käse']

    Raises:
        ValueError: The ends do not fit the bytes, or these are not UTF-8.
    """
    starts = np.concatenate([np.zeros(1, np.int64), ends])
    if starts[-1] != len(packed) or (np.diff(starts) < 0).any():
        raise ValueError("the ends of the texts do not fit their bytes")
    whole = packed.tobytes()
    return [whole[start:end].decode() for start, end in zip(starts[:-1].tolist(), ends.tolist(), strict=True)]


def _passport(shelf: Shelf) -> str:
    return json.dumps({"digest": shelf.fingerprint.digest, "fingerprint": asdict(shelf.fingerprint)}, sort_keys=True)


def _write_parquet(shelf: Shelf, keys: list[str], file: BinaryIO) -> None:
    import pyarrow
    from pyarrow import parquet

    dim = shelf.check()
    number = pyarrow.float16() if shelf.fingerprint.stored_as == "float16" else pyarrow.float32()
    columns = [("key", pyarrow.string()), ("vector", pyarrow.list_(number, dim)), ("note", pyarrow.string())]
    schema = pyarrow.schema(columns, metadata={METADATA: _passport(shelf)})
    rows = max(1, _BLOCK_BYTES // max(1, dim * np.dtype(shelf.fingerprint.stored_as).itemsize))
    compression = {"key": "zstd", "note": "zstd", "vector.list.element": "none"}
    with parquet.ParquetWriter(file, schema, compression=compression, use_dictionary=["note"]) as writer:
        for start in range(0, len(keys), rows):
            part = keys[start : start + rows]
            vectors, notes = shelf.get_stored(part)
            lists = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(vectors.ravel()), dim)
            writer.write_table(pyarrow.table([pyarrow.array(part), lists, pyarrow.array(notes)], schema=schema))


def _write_npz(shelf: Shelf, keys: list[str], file: BinaryIO) -> None:
    vectors, notes = shelf.get_stored(keys)
    arrays: dict[str, Any] = {"keys": np.array(keys, dtype=np.str_), "vectors": vectors}
    arrays |= _packed("note", notes) | {"fingerprint": np.array(_passport(shelf))}
    np.savez(file, allow_pickle=False, **arrays)


def _write_safetensors(shelf: Shelf, keys: list[str], file: BinaryIO) -> None:
    from safetensors.numpy import save

    vectors, notes = shelf.get_stored(keys)
    tensors = {"vectors": vectors, **_packed("key", keys), **_packed("note", notes)}
    file.write(save(tensors, {METADATA: _passport(shelf)}))


def _packed(name: str, texts: Sequence[str]) -> dict[str, Any]:
    packed, ends = pack(texts)
    return {f"{name}s": packed, f"{name}_ends": ends}


WRITERS: Mapping[str, Callable[[Shelf, list[str], BinaryIO], None]] = {
    ".npz": _write_npz,
    ".parquet": _write_parquet,
    ".safetensors": _write_safetensors,
}
