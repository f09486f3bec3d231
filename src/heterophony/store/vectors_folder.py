"""A folder of `<id>.npy`, one vector each, read with suspicion."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from heterophony.clips.cells import read_cells
from heterophony.errors import InputError
from heterophony.store.numbers import some_of

_BLOCK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class VectorsFolder:
    """A folder whose every file is a vector.

    Attributes:
        folder: Where they are.
        files: By id, which is the name without `.npy`.
        dim: Numbers per vector.
        norms: Of each vector.
        content: SHA-256 over the ids and numbers, 64 hex digits.
    """

    folder: Path
    files: tuple[Path, ...]
    dim: int
    norms: Float32[np.ndarray, " n"]
    content: str

    def blocks(self) -> Iterator[Float32[np.ndarray, "rows dim"]]:
        """The vectors, read once more.

        Raises:
            InputError: A file has changed meanwhile.
        """
        for start in range(0, len(self.files), _BLOCK):
            try:
                block = np.stack([_read(path, self.dim) for path in self.files[start : start + _BLOCK]])
            except (ValueError, OSError, EOFError) as error:
                raise InputError(f"{self.folder}: changed while it was read ({error}); nothing was imported") from error
            yield block


def read_vectors_folder(folder: Path, dim: int | None) -> VectorsFolder:
    """Checks every `.npy` file in a folder; what else lies there is left alone.

    Args:
        folder: Where they are; folders below it are not searched.
        dim: Numbers per vector; None takes what the first good file has.

    Raises:
        InputError: There is none, or one is no float32 vector `[dim]` or `[1, dim]` of finite numbers.
    """
    files = _files(folder)
    norms = np.zeros(len(files), np.float32)
    content = hashlib.sha256()
    faults: list[str] = []
    for number, path in enumerate(files):
        try:
            vector = _read(path, dim)
        except (ValueError, OSError, EOFError) as error:
            faults.append(f"{path.name}: {error}")
            continue
        dim = len(vector)
        norms[number] = np.linalg.norm(vector.astype(np.float64))
        content.update(path.stem.encode() + b"\0" + vector.astype("<f4").tobytes())
    if faults or dim is None:
        raise InputError(
            f"{folder}: {len(faults)} of {len(files)} files are not what was wanted, and nothing was imported: "
            f"{some_of(faults, '; ')}"
        )
    return VectorsFolder(folder, files, dim, norms, content.hexdigest())


def check_ids(vectors: VectorsFolder, table: Path) -> None:
    """Makes sure that there is one file for each id of a table, and no other.

    Raises:
        InputError: The table has no column `id` or `sound_id`, or ids and files differ; the first five are named.
    """
    cells = read_cells(table)
    column = next((name for name in ("id", "sound_id") if name in cells.columns), None)
    if column is None:
        raise InputError(f"{table}: needs a column 'id' or 'sound_id'; it has {', '.join(cells.columns)}")
    at = cells.columns.index(column)
    wanted = {(row[at] or "").strip(): None for row in cells.rows}
    there = {path.stem: None for path in vectors.files}
    missing = [one for one in wanted if one not in there]
    superfluous = [one for one in there if one not in wanted]
    if missing or superfluous:
        raise InputError(
            f"{vectors.folder}: {len(missing)} of the {len(wanted)} ids of {table} have no file "
            f"({some_of(missing) or '-'}), {len(superfluous)} of {len(there)} files have no id there "
            f"({some_of(superfluous) or '-'}); nothing was imported; leave out --ids to import what there is"
        )


def check_norms(vectors: VectorsFolder, most: float = 1e-3) -> None:
    """Makes sure that all norms are 1 within `most`.

    Raises:
        InputError: One is not; the first five are named, with the least, the mean and the largest.
    """
    norms = vectors.norms
    off = np.flatnonzero(np.abs(norms - 1.0) > most).tolist()
    if off:
        named = some_of([f"{vectors.files[at].name} {norms[at]:.4g}" for at in off])
        raise InputError(
            f"{vectors.folder}: the norms of {len(off)} of {len(norms)} vectors are not 1: {named}; least "
            f"{norms.min():.4g}, mean {norms.mean():.4g}, largest {norms.max():.4g}; nothing was imported; "
            "leave out --unit if that is right"
        )


def _files(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        raise InputError(f"{folder}: a folder of <id>.npy was wanted; there is none")
    found = [path for path in folder.iterdir() if path.suffix == ".npy" and not path.name.startswith(".")]
    if not found:
        raise InputError(f"{folder}: no <id>.npy in it")
    strange: Sequence[str] = [path.name for path in found if not path.name.isprintable()]
    if strange:
        raise InputError(f"{folder}: {len(strange)} names are not text, e.g. {strange[0]!a}; rename them")
    return tuple(sorted(found, key=lambda path: path.stem))


def _read(path: Path, dim: int | None) -> Float32[np.ndarray, " dim"]:
    """One vector. A memory map: a header that promises more than the file holds is refused, not obeyed.

    Raises:
        ValueError: It is not what was wanted.
    """
    table = np.lib.format.open_memmap(path, mode="r")
    alone = table.ndim == 1 or (table.ndim == 2 and len(table) == 1)
    if table.dtype != np.float32 or not alone or not table.size or table.size != (dim or table.size):
        raise ValueError(f"float32 [{dim or 'dim'}] was wanted, {table.dtype} {list(table.shape)} came")
    vector = np.array(table, np.float32).reshape(-1)
    if not np.isfinite(vector).all():
        raise ValueError("a number is not finite")
    return vector
