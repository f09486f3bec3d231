"""What a search has found so far, on disk: one file per block, so that it goes on after a kill where it stopped."""

import json
from pathlib import Path
from tempfile import NamedTemporaryFile
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float32

from heterophony.errors import InputError

_ABOUT = "search.json"


class SearchFolder:
    """Blocks of one search; those of another (other members, rows, sizes or rule) are refused.

    Args:
        path: Made if it is not there.
        fingerprint: Of all that decides the scores.

    Raises:
        InputError: If the folder holds another search, or is no folder.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path = path
        self._fingerprint = fingerprint
        about = path / _ABOUT
        try:
            path.mkdir(parents=True, exist_ok=True)
            if not about.exists():
                _replace(about, json.dumps({"fingerprint": fingerprint}).encode())
            found = json.loads(about.read_bytes())["fingerprint"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: no folder of a search ({error}); name an empty or new one") from error
        if found != fingerprint:
            raise InputError(
                f"{path}: holds another search ({found[:12]}, this is {fingerprint[:12]}): other members, rows, sizes "
                "or rule; name another folder, or remove it"
            )

    def load(self, first: int, shape: tuple[int, ...]) -> Float32[np.ndarray, "subsets scores folds"] | None:
        """A block, or None if it is not there yet.

        Raises:
            InputError: If the file is damaged or of another shape.
        """
        path = self._block(first)
        if not path.exists():
            return None
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
                block, fingerprint = archive["scores"], str(archive["fingerprint"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise InputError(f"{path}: damaged block of a search ({error}); remove it to have it made again") from error
        if block.shape != shape or block.dtype != np.float32 or fingerprint != self._fingerprint:
            raise InputError(f"{path}: not a block of this search {shape}: {block.shape}; remove it")
        return np.asarray(block)

    def save(self, first: int, block: Float32[np.ndarray, "subsets scores folds"]) -> None:
        """Keeps a block; a reader sees the whole file or none."""
        with NamedTemporaryFile(dir=self.path, prefix=".block-", delete=False) as stream:
            np.savez(stream, allow_pickle=False, scores=block, fingerprint=np.array(self._fingerprint))
        Path(stream.name).replace(self._block(first))

    def _block(self, first: int) -> Path:
        return self.path / f"block_{first:03d}.npz"


def _replace(path: Path, content: bytes) -> None:
    """A small file as a whole or not at all."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as stream:
        stream.write(content)
    Path(stream.name).replace(path)
