"""Vectors that somebody else made, laid beside a collection by id or by order: `--features VIEW=PATH[:KEY]`."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float32, Shaped

from heterophony.errors import InputError
from heterophony.store.numbers import some_of
from heterophony.store.vectors_folder import read_vectors_folder

Table = Float32[np.ndarray, "rows dim"]
Ids = Sequence[str] | None
Arrays = Mapping[str, Shaped[np.ndarray, "..."]]
STATUS = ("ids", "status", "part")


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Vectors by the id of their clip.

    Attributes:
        where: The path and key, for errors.
        row: Id to row of `vectors`; what is NaN there is not in it.
        vectors: `[rows, dim]`, float32.
    """

    where: str
    row: Mapping[str, int]
    vectors: Table

    @property
    def content(self) -> str:
        """SHA-256 over the ids and numbers, 64 hex digits."""
        digest = hashlib.sha256("\n".join(self.row).encode())
        digest.update(self.vectors.tobytes())
        return digest.hexdigest()

    def get(self, clip_id: str) -> Float32[np.ndarray, " dim"] | None:
        """The vector of a clip; None if there is none."""
        row = self.row.get(clip_id)
        return None if row is None else self.vectors[row]


def read_given(source: str, ids: Sequence[str]) -> Given:
    """Reads vectors for the clips of a collection.

    Args:
        source: A folder of `<id>.npy`; or a `.npz`, `.safetensors` or `.parquet` file as `heterophony embed -o` writes
            them, or with just the array, with `:KEY` where it holds several; or a `.npy` table `[clips, dim]`. A file
            without ids has a row for each clip, in their order.
        ids: The ids of the clips.

    Raises:
        InputError: There is no such file or key, the table is no float table `[rows, dim]`, it has neither ids nor as
            many rows as there are clips, or none of its ids is one of theirs.
    """
    path, key = _parted(source)
    if path.is_dir() and key:
        raise InputError(f"{source}: a folder holds one table; leave out the colon and {key!r}")
    if path.is_dir():
        folder = read_vectors_folder(path, None)
        there: Ids = [file.stem for file in folder.files]
        table = np.concatenate(list(folder.blocks()))
    else:
        there, table = _read_file(path, key, source)
    if there is None and len(table) != len(ids):
        raise InputError(f"{source}: {len(table)} rows without ids, but {len(ids)} clips; give one row for each clip")
    named = list(ids) if there is None else list(there)
    if len(named) != len(table) or len(set(named)) != len(named):
        raise InputError(f"{source}: {len(table)} rows, {len(named)} ids, {len(set(named))} of them different")
    whole = np.isfinite(table).all(axis=1)
    row = {name: number for number, name in enumerate(named) if whole[number]}
    if not any(name in row for name in ids):
        raise InputError(
            f"{source}: none of its {len(named)} ids ({some_of(named) or '-'}) is one of the {len(ids)} clips "
            f"({some_of(list(ids)) or '-'})"
        )
    return Given(source, row, np.asarray(table, np.float32))


def _parted(source: str) -> tuple[Path, str]:
    """Path and key: what stands after the last colon is a key unless there is a file of the whole name."""
    head, colon, key = source.rpartition(":")
    if not colon or Path(source).exists():
        return Path(source), ""
    return Path(head), key


def _read_file(path: Path, key: str, source: str) -> tuple[Ids, Table]:
    read = READERS.get(path.suffix.lower())
    if read is None or not path.is_file():
        what = "there is no such file" if read is not None else f"vectors are {', '.join(READERS)} or a folder"
        raise InputError(f"{source}: {what}")
    try:
        ids, arrays = read(path)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise InputError(f"{source}: cannot be read ({error})") from error
    if not key and len(arrays) != 1:
        raise InputError(f"{source}: holds {len(arrays)} tables; name one after a colon: {', '.join(arrays)}")
    name = key or next(iter(arrays))
    if name not in arrays:
        raise InputError(f"{source}: no table {name!r}; there are {', '.join(arrays)}")
    table = arrays[name]
    if table.ndim != 2 or table.dtype.kind != "f" or not table.size:
        raise InputError(f"{source}: floats [rows, dim] were wanted, {table.dtype} {list(table.shape)} came")
    return ids, table.astype(np.float32)


def _read_npy(path: Path) -> tuple[Ids, Arrays]:
    # A memory map: a header that promises more than the file holds is refused, not obeyed.
    return None, {path.stem: np.lib.format.open_memmap(path, mode="r")}


def _read_npz(path: Path) -> tuple[Ids, Arrays]:
    with path.open("rb") as file, np.lib.npyio.NpzFile(file) as archive:
        ids = archive["ids"].astype(str).tolist() if "ids" in archive.files else None
        return ids, {name: archive[name] for name in archive.files if name not in STATUS}


def _read_safetensors(path: Path) -> tuple[Ids, Arrays]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as archive:
            clips = (archive.metadata() or {}).get("clips")
            return (json.loads(clips)["ids"] if clips else None), {n: archive.get_tensor(n) for n in archive.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _read_parquet(path: Path) -> tuple[Ids, Arrays]:
    from pyarrow import parquet, types

    table = parquet.read_table(path)
    kinds = (types.is_list, types.is_large_list, types.is_fixed_size_list)
    lists = [field.name for field in table.schema if any(is_kind(field.type) for is_kind in kinds)]
    ids = [str(one) for one in table["id"].to_pylist()] if "id" in table.column_names else None
    return ids, {name: _filled(table[name].to_pylist()) for name in lists}


def _filled(rows: Sequence[Sequence[float] | None]) -> Table:
    """Lists as a table; a row that is null is NaN."""
    dim = next((len(row) for row in rows if row is not None), 0)
    return np.array([[np.nan] * dim if row is None else row for row in rows], dtype=np.float32)


READERS: dict[str, Callable[[Path], tuple[Ids, Arrays]]] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".safetensors": _read_safetensors,
    ".parquet": _read_parquet,
}
