"""The chunks of a track as they are finished, in a file beside it, so that a killed run goes on where it was."""

import hashlib
import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from heterophony.errors import InputError
from heterophony.recipes.model_folder import find_model
from heterophony.recipes.scene_steps import Chunk, Watch, views_of
from heterophony.store.encoder_specs import all_parts

FORMAT = 1
SUFFIX = ".part"
HEAD_BYTES = 2**20
PACKAGES = ("heterophony", "torch", "numpy", "onnxruntime", "soundfile", "av", "soxr")
Header = Mapping[str, Any]


def header_of(watch: Watch, model: str) -> Header:
    """Everything that decides the bytes of a track: what was watched, by what and how, and the versions of the tools.

    Args:
        watch: A recording and how it is watched.
        model: Where its model is, as for `load_model`.
    """
    folder, found = find_model(model), watch.path.stat()
    files = ("config.json", "calibration.json", "taxonomy.csv")  # the first has the hashes of the others
    with watch.path.open("rb") as file:
        head = hashlib.sha256(file.read(HEAD_BYTES)).hexdigest()
    return {
        "format": FORMAT,
        "file": [watch.path.name, found.st_size, found.st_mtime_ns, head],
        "model": [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files],
        "encoders": [part.key for part in all_parts(views_of(watch.model))],
        "steps": [watch.every, watch.context],
        "versions": {name: version(name) for name in PACKAGES},
    }


class Journal:
    """Finished chunks on the disk; a block (`with`) that closes the file.

    One JSON document a line: the header, then the chunks from 0 on. Numbers are written so that reading gives the same
    bits. A last line that is not whole was being written when the run was killed, and is dropped.

    Attributes:
        path: `track.csv.part` for `track.csv`.
        chunks: What was finished before.
    """

    def __init__(self, path: Path, header: Header, *, restart: bool = False) -> None:
        """Reads what is there, or begins anew.

        Raises:
            InputError: What is there belongs to another recording, model or option, or is no journal.
        """
        self.path = path
        self.chunks: list[Chunk] = []
        if restart:
            path.unlink(missing_ok=True)
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
        whole = [line for line in lines if line.endswith(b"\n")]
        if whole:
            self._refuse_other(_document(path, whole[0]), header)
            self.chunks = [_chunk(_document(path, line)) for line in whole[1:]]
        self._file = path.open("r+b" if whole else "wb")
        self._file.truncate(sum(map(len, whole)))
        self._file.seek(0, os.SEEK_END)
        if not whole:
            self._write(header)

    def add(self, chunk: Chunk) -> None:
        """Keeps a chunk; it is on the disk when this returns."""
        said = [None if np.isnan(row).any() else row.tolist() for row in chunk.probabilities]
        kept = {"classes": chunk.probabilities.shape[1], "modalities": chunk.present.shape[1], "said": said}
        self._write({"number": chunk.number, **kept, "present": chunk.present.tolist(), "seconds": chunk.seconds})
        self.chunks.append(chunk)

    def remove(self) -> None:
        """The track is written: nothing is left to be gone on with."""
        self._file.close()
        self.path.unlink()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def _write(self, document: Header) -> None:
        self._file.write(json.dumps(document, allow_nan=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _refuse_other(self, before: Header, now: Header) -> None:
        different = [key for key in now if before.get(key) != now[key]]
        if different:
            raise InputError(
                f"{self.path}: begun with another {', another '.join(different)}; go on with the same, or begin anew "
                "with --restart"
            )


def _document(path: Path, line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except ValueError as error:
        raise InputError(f"{path}: not what this program writes ({error}); begin anew with --restart") from error
    if not isinstance(document, dict):
        raise InputError(f"{path}: not what this program writes ({str(document)[:40]!r}); begin anew with --restart")
    return document


def _chunk(document: Mapping[str, Any]) -> Chunk:
    rows, classes = len(document["said"]), document["classes"]
    nothing = [float("nan")] * classes
    said = np.array([nothing if row is None else row for row in document["said"]], np.float64)
    present = np.array(document["present"], np.bool_)
    return Chunk(
        document["number"],
        said.reshape(rows, classes),
        present.reshape(rows, document["modalities"]),
        document["seconds"],
    )
