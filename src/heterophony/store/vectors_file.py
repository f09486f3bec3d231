"""The vectors of a collection as one file: what other programs and `--features` read."""

import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from heterophony.errors import ConfigError
from heterophony.store.embed import Embedded

SUFFIXES = (".npz", ".parquet", ".safetensors")


def write_vectors(embedded: Sequence[Embedded], views: Sequence[str], path: Path) -> None:
    """Writes one row per clip, in their order, so that it can be laid beside the manifest.

    The same vectors give the same bytes. What a clip does not have is NaN (`.npz`, `.safetensors`) or null
    (`.parquet`); it is never left out.

    * `.npz`: `ids`, `status`, and one float32 array `[clips, dim]` per view; no pickle.
    * `.parquet`: columns `id`, `status`, `reason`, `seconds`, and one list of floats per view.
    * `.safetensors`: one array per view; in the metadata, under `clips`, JSON with the lists `ids` and `status`.

    Args:
        embedded: What `embed_clips` gave.
        views: Names of the views, in order.
        path: Replaced in one step.

    Raises:
        ConfigError: The suffix is none of these.
    """
    writers = {".npz": _write_npz, ".parquet": _write_parquet, ".safetensors": _write_safetensors}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise ConfigError(f"{path}: vectors cannot be written as {path.suffix!r}; use {', '.join(SUFFIXES)}")
    part = path.with_name(f".{uuid.uuid4().hex}{path.suffix}")
    try:
        write(embedded, views, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def as_table(embedded: Sequence[Embedded], view: str) -> Float32[np.ndarray, "clips dim"]:
    """The vectors of one view, `[clips, dim]`; NaN in the rows of clips that do not have it."""
    dim = next((len(one.vectors[view]) for one in embedded if view in one.vectors), 0)
    table = np.full((len(embedded), dim), np.nan, dtype=np.float32)
    for row, one in enumerate(embedded):
        if view in one.vectors:
            table[row] = one.vectors[view]
    return table


def _texts(embedded: Sequence[Embedded]) -> dict[str, list[str]]:
    return {"ids": [one.clip.id for one in embedded], "status": [one.status for one in embedded]}


def _write_npz(embedded: Sequence[Embedded], views: Sequence[str], path: Path) -> None:
    arrays: dict[str, Any] = {name: np.array(texts, dtype=np.str_) for name, texts in _texts(embedded).items()}
    arrays |= {view: as_table(embedded, view) for view in views}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _write_safetensors(embedded: Sequence[Embedded], views: Sequence[str], path: Path) -> None:
    from safetensors.numpy import save_file

    tables: Mapping[str, Float32[np.ndarray, "_ _"]] = {view: as_table(embedded, view) for view in views}
    # One entry, since safetensors writes several in an order that changes from call to call.
    save_file(dict(tables), path, {"clips": json.dumps(_texts(embedded))})


def _write_parquet(embedded: Sequence[Embedded], views: Sequence[str], path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    columns: dict[str, Any] = {
        "id": [one.clip.id for one in embedded],
        "status": [one.status for one in embedded],
        "reason": [one.reason for one in embedded],
        "seconds": [one.seconds for one in embedded],
    }
    for view in views:
        rows = [one.vectors.get(view) for one in embedded]
        columns[view] = pyarrow.array(rows, type=pyarrow.list_(pyarrow.float32()))
    parquet.write_table(pyarrow.table(columns), path)
