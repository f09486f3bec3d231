"""The one place that reads a pickle: `python -m heterophony.encoders.convert_checkpoint CHECKPOINT SHA256 SAFETENSORS`.

Run by `checkpoint.convert_to` only, on files whose SHA-256 is known, in a process of its own; `weights_only=True`
admits tensors, plain containers, NumPy numbers and `argparse.Namespace` (a bag of settings), none of which runs code.

The result holds every tensor but the optimizer's, nested names joined by dots, floating ones as float32; its metadata
has `sha256` and `file` of the checkpoint, and `settings`: the other numbers, flags and texts in it, as JSON.
"""

import argparse
import hashlib
import json
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

OPTIMIZER = "optimizer"  # state of the training that is over, twice the size of the weights
Plain = bool | int | float | str


def convert(checkpoint: Path, sha256: str, safetensors: Path) -> None:
    """Writes the safetensors.

    Raises:
        ValueError: The file has changed since it was checked, or holds no tensor.
    """
    from safetensors.torch import save_file

    with checkpoint.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise ValueError("the file has another SHA-256 now")
    tensors, settings = {}, {}
    for name, value in _read(checkpoint):
        if isinstance(value, Plain):
            settings[name] = value
        else:
            tensors[name] = (value.float() if value.is_floating_point() else value).clone().contiguous()
    if not tensors:
        raise ValueError("there is no tensor in it")
    metadata = {"sha256": sha256, "file": checkpoint.name, "settings": json.dumps(settings)}
    save_file(tensors, safetensors, metadata)


def _read(checkpoint: Path) -> Iterator[tuple[str, Any]]:
    """(Name, tensor or plain value) of all there is."""
    suffix = checkpoint.suffix.lower()
    if suffix == ".safetensors":
        from safetensors.torch import load_file

        return iter(load_file(checkpoint).items())
    if suffix in (".h5", ".hdf5"):
        return _read_hdf5(checkpoint)
    return _flat(_unpickled(checkpoint), "")


def _unpickled(checkpoint: Path) -> object:
    import numpy as np
    import torch

    numbers = [kind for name, kind in vars(np.dtypes).items() if name.endswith("DType")]
    # NumPy numbers, as versions 1 and 2 spell them, and a bag of settings
    scalar = np._core.multiarray.scalar  # type: ignore[attr-defined]
    admitted = [np.dtype, scalar, (scalar, "numpy.core.multiarray.scalar"), *numbers, argparse.Namespace]
    with torch.serialization.safe_globals(admitted), warnings.catch_warnings():
        # Files that Python 2 saved have texts in latin1; torch says that this is ignored, and heeds it
        warnings.filterwarnings("ignore", "pickle_load_args")
        return torch.load(checkpoint, map_location="cpu", weights_only=True, encoding="latin1")  # noqa: TID251


def _flat(value: object, name: str) -> Iterator[tuple[str, Any]]:
    """Walks through dicts, lists and bags of settings."""
    import numpy as np
    import torch

    if isinstance(value, argparse.Namespace):
        value = vars(value)
    if isinstance(value, torch.Tensor | Plain):
        yield name, value
    elif isinstance(value, np.generic):
        yield name, value.item()
    elif isinstance(value, Mapping | list | tuple):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, one in items:
            if name or key != OPTIMIZER:
                yield from _flat(one, f"{name}.{key}" if name else str(key))


def _read_hdf5(checkpoint: Path) -> Iterator[tuple[str, Any]]:
    import h5py
    import torch

    found: list[tuple[str, Any]] = []

    def visit(name: str, node: object) -> None:
        if isinstance(node, h5py.Dataset) and node.dtype.kind in "fiu":
            found.append((name.replace("/", "."), torch.from_numpy(node[()])))

    with h5py.File(checkpoint, "r") as file:
        file.visititems(visit)
    return iter(found)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
