"""Reads a published checkpoint once, without trusting it, and keeps its tensors as safetensors.

Any kind is read in a process of its own: PyTorch's with `weights_only=True`, and only if the file has the expected
SHA-256; HDF5 and safetensors, which cannot run code, as they are. Every later use reads the safetensors in the user's
cache folder.
"""

import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from heterophony.encoders.weights_file import check_sha256
from heterophony.errors import ModelError

TIMEOUT_S = 900
PICKLED = (".pt", ".pth", ".ckpt", ".bin", ".tar")
SAFE = (".safetensors", ".h5", ".hdf5", ".onnx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A file of weights as somebody published it.

    Attributes:
        file: Its name.
        sha256: What it hashes to, or the beginning of that where only the beginning is published; "" where we have not
            seen the file, so that whoever adds it must say what it should be.
        source: Where it is published, for people.
        licence: Of the weights.
        hub: `owner/name` of a repository on the Hugging Face hub that has it; "" if none.
        revision: The commit of that repository; "" if not pinned.
    """

    file: str
    sha256: str
    source: str
    licence: str
    hub: str = ""
    revision: str = ""


def cache_folder() -> Path:
    """Where converted weights lie: `HETEROPHONY_CACHE`, else `heterophony` in the user's cache folder."""
    given = os.environ.get("HETEROPHONY_CACHE")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "heterophony"


def as_safetensors(checkpoint: Path, sha256: str, name: str) -> Path:
    """A safetensors file with the tensors of `checkpoint`, converted by the first call.

    Args:
        checkpoint: The published file.
        sha256: What it must hash to; also part of the name of the converted file.
        name: What the converted file is called.

    Raises:
        ModelError: The checkpoint is another file, cannot be converted, or the cache folder cannot be written.
    """
    converted = cache_folder() / f"{name}-{sha256[:16]}.safetensors"
    if not converted.is_file():
        check_sha256(checkpoint, sha256)
        convert_to(checkpoint, sha256, converted)
    return converted


def convert_to(checkpoint: Path, sha256: str, converted: Path) -> None:
    """Writes `converted`, in one step, from a checkpoint whose SHA-256 has been checked.

    Raises:
        ModelError: The checkpoint cannot be converted, or the folder cannot be written.
    """
    part = converted.with_name(f"{uuid.uuid4().hex}.part")
    arguments = [str(checkpoint), sha256, str(part)]
    try:
        converted.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "heterophony.encoders.convert_checkpoint", *arguments]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_S)
        part.replace(converted)
    except subprocess.SubprocessError as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1:]
        raise ModelError(f"{checkpoint}: cannot be converted to safetensors: {' '.join(said)}") from error
    except OSError as error:
        raise ModelError(
            f"{converted.parent}: {error}; set HETEROPHONY_CACHE to a folder that can be written"
        ) from error
    finally:
        if part.is_file():
            part.unlink()
