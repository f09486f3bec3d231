"""Reads a published PyTorch checkpoint once, without trusting it, and keeps its tensors as safetensors.

The file must have the expected SHA-256. It is read with `weights_only=True` in a process of its own, so torch is not
imported here; every later use reads the safetensors in the user's cache folder.
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path

from heterophony.encoders.weights_file import check_sha256
from heterophony.errors import ModelError

TIMEOUT_S = 300


def cache_folder() -> Path:
    """Where converted weights lie: `HETEROPHONY_CACHE`, else `heterophony` in the user's cache folder."""
    given = os.environ.get("HETEROPHONY_CACHE")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "heterophony"


def as_safetensors(checkpoint: Path, sha256: str, name: str) -> Path:
    """A safetensors file with the tensors of `checkpoint` (a state dict), converted by the first call.

    Args:
        checkpoint: The published file.
        sha256: What it must hash to; also part of the name of the converted file.
        name: What the converted file is called.

    Raises:
        ModelError: The checkpoint is another file, cannot be converted, or the cache folder cannot be written.
    """
    converted = cache_folder() / f"{name}-{sha256[:16]}.safetensors"
    if converted.is_file():
        return converted
    check_sha256(checkpoint, sha256)
    part = converted.with_name(f"{uuid.uuid4().hex}.part")
    try:
        converted.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "heterophony.encoders.convert_checkpoint", str(checkpoint), str(part)]
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
    return converted
