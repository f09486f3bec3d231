"""What `export_shelf` has written, back into a store: the fingerprint comes from the file."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from heterophony.encoders import Fingerprint
from heterophony.errors import InputError
from heterophony.store.export import METADATA, unpack
from heterophony.store.import_folder import refuse_other
from heterophony.store.shelf import Store

Blocks = Iterator[Float[np.ndarray, "rows dim"]]
_ROWS = 8192  # that are in memory at once, of a Parquet file


@dataclass(frozen=True, slots=True, eq=False)
class _Export:
    """An export that is open.

    Attributes:
        passport: JSON with digest and fingerprint.
        keys: One per vector.
        notes: One per vector.
        dim: Numbers per vector.
        blocks: Gives the vectors, in order, in pieces.
    """

    passport: str
    keys: list[str]
    notes: list[str]
    dim: int
    blocks: Callable[[], Blocks]


def import_file(store: Store, path: Path) -> tuple[Fingerprint, int]:
    """Puts the rows of an export on the shelf that it came from, all or none; those that are there already stay.

    Returns:
        The fingerprint, and how many rows are new.

    Raises:
        InputError: The file is no export of ours, is damaged, or another version made it.
        StoreError: A vector does not fit the shelf, or other vectors were imported under the same name.
    """
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise InputError(f"{path}: an export ends in {', '.join(READERS)}, not in {path.suffix!r}; folders work too")
    try:
        export = read(path)
        fingerprint = _fingerprint(path, export.passport)
    except FileNotFoundError as error:
        raise InputError(f"{path}: does not exist") from error
    except _damages() as error:
        raise InputError(f"{path}: not an export of heterophony, or damaged ({error})") from error
    refuse_other(store, fingerprint)
    shelf = store.shelf(fingerprint)
    absent = set(shelf.missing(export.keys))
    wanted = np.zeros(len(export.keys), bool)
    for row, key in enumerate(export.keys):
        wanted[row] = key in absent
        absent.discard(key)
    rows = np.flatnonzero(wanted).tolist()
    if rows:
        keys, notes = [export.keys[row] for row in rows], [export.notes[row] for row in rows]
        shelf.add_blocks(keys, _chosen(path, export.blocks(), wanted), notes, export.dim)
    return fingerprint, len(rows)


def _chosen(path: Path, blocks: Blocks, wanted: Bool[np.ndarray, " n"]) -> Blocks:
    start = 0
    while True:
        try:
            block = next(blocks, None)
        except _damages() as error:
            raise InputError(f"{path}: damaged ({error}); nothing was imported") from error
        if block is None:
            return
        yield block[wanted[start : start + len(block)]]
        start += len(block)


def _fingerprint(path: Path, passport: str) -> Fingerprint:
    """The fingerprint, if it means today what it meant when the file was written."""
    known = json.loads(passport)
    fingerprint = Fingerprint(**known["fingerprint"])
    if fingerprint.digest != known["digest"]:
        raise InputError(
            f"{path}: another version of heterophony wrote it: its fingerprint was {known['digest']} and would be "
            f"{fingerprint.digest} here; embed the files again"
        )
    return fingerprint


def _read_parquet(path: Path) -> _Export:
    import pyarrow
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        kind = file.schema_arrow.field("vector").type
        if not pyarrow.types.is_fixed_size_list(kind) or not pyarrow.types.is_floating(kind.value_type):
            raise InputError(f"{path}: column vector holds {kind}; lists of numbers, all of one size, were wanted")
        texts = file.read(["key", "note"])
        passport = file.schema_arrow.metadata[METADATA.encode()].decode()

    def blocks() -> Blocks:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS, columns=["vector"]):
                yield batch.column(0).flatten().to_numpy().reshape(len(batch), kind.list_size)

    return _Export(passport, texts["key"].to_pylist(), texts["note"].to_pylist(), kind.list_size, blocks)


def _read_npz(path: Path) -> _Export:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        keys, notes = arrays["keys"], unpack(arrays["notes"], arrays["note_ends"])
        if keys.dtype.kind != "U":
            raise InputError(f"{path}: keys are {keys.dtype}; text was wanted")
        return _in_memory(str(arrays["fingerprint"]), keys.tolist(), notes, arrays["vectors"])


def _read_safetensors(path: Path) -> _Export:
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        keys, notes = (unpack(file.get_tensor(f"{name}s"), file.get_tensor(f"{name}_ends")) for name in ("key", "note"))
        return _in_memory((file.metadata() or {})[METADATA], keys, notes, file.get_tensor("vectors"))


def _in_memory(passport: str, keys: list[str], notes: list[str], vectors: NDArray[Any]) -> _Export:
    if vectors.ndim != 2 or vectors.dtype.kind != "f" or not len(keys) == len(notes) == len(vectors):
        raise ValueError(f"{len(keys)} keys, {len(notes)} notes and {vectors.dtype} vectors {list(vectors.shape)}")
    return _Export(passport, keys, notes, vectors.shape[1], lambda: iter([vectors]))


READERS: Mapping[str, Callable[[Path], _Export]] = {
    ".npz": _read_npz,
    ".parquet": _read_parquet,
    ".safetensors": _read_safetensors,
}


def _damages() -> tuple[type[Exception], ...]:
    """What the libraries raise at a file that is damaged or of another kind."""
    import pyarrow
    from safetensors import SafetensorError

    return (pyarrow.ArrowException, SafetensorError, BadZipFile, ValueError, KeyError, TypeError, EOFError, OSError)
