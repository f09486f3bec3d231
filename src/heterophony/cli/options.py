"""Options that several commands share, and what they mean."""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heterophony.errors import ConfigError

if TYPE_CHECKING:
    from heterophony.store import Store


SOME_REFUSED = 3
"""Exit code: some clips could not be used; the others were."""


class Device(StrEnum):
    """Where networks run."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class Engine(StrEnum):
    """Where decoding and encoding are done."""

    local = "local"
    ray = "ray"


EngineOption = Annotated[
    Engine,
    typer.Option(help="local: processes of this machine; ray: a cluster (RAY_ADDRESS), else Ray on this machine."),
]
DeviceOption = Annotated[Device, typer.Option(help="Where the fusion network runs; the encoders run on the CPU.")]
StoreOption = Annotated[
    Path | None,
    typer.Option(help="Folder that keeps embeddings [default: $HETEROPHONY_STORE, else the user's cache folder]."),
]
NoStoreOption = Annotated[bool, typer.Option("--no-store", help="Keep no embeddings and use none.")]
DataOption = Annotated[
    Path,
    typer.Option(help="A manifest with labels (CSV, TSV, JSONL, Parquet), or the folder of a data set that is known."),
]
ExtraOption = Annotated[
    list[str] | None,
    typer.Option(
        help="NAME=PATH: a data set that the recipe's `extra` names; its rows enter training folds only.",
        metavar="NAME=PATH",
    ),
]
FeaturesOption = Annotated[
    list[str] | None,
    typer.Option(
        help="MODALITY=PATH[:KEY]: vectors in place of an encoder's: a folder of <id>.npy, or a .npz, .npy, "
        ".safetensors or .parquet file. MODALITY@NAME: for the data set NAME.",
        metavar="MODALITY=PATH",
    ),
]
JobsOption = Annotated[
    int | None, typer.Option(min=1, help="Folds that are trained at the same time [default: one per core].")
]
WorkersOption = Annotated[int | None, typer.Option(min=0, help="Processes that decode [default: one per core].")]


def open_store(folder: Path | None, *, none: bool) -> "Store | None":
    """The store that the options name; None where none is wanted."""
    from heterophony.store import Store

    if none:
        return None
    return Store(folder or default_store())


def default_store() -> Path:
    """`$HETEROPHONY_STORE`, else `heterophony/store` in the user's cache folder."""
    given = os.environ.get("HETEROPHONY_STORE")
    if given:
        return Path(given)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "heterophony" / "store"


def pairs_of(given: list[str] | None, option: str) -> dict[str, str]:
    """`NAME=VALUE` options as a mapping.

    >>> pairs_of(["sound=a.npz:x", "words=b"], "--features")
    {'sound': 'a.npz:x', 'words': 'b'}

    Raises:
        ConfigError: One has no "=", or a name comes twice.
    """
    found: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise ConfigError(f"{option} {text}: wanted NAME=VALUE")
        if name in found:
            raise ConfigError(f"{option} {name}=...: given twice, {found[name]} and {value}")
        found[name] = value
    return found


def worker_count(workers: int | None) -> int:
    """As many as asked for, else one per core that this process may use."""
    return len(os.sched_getaffinity(0)) if workers is None else workers


def pick_device(device: Device) -> str:
    """The name of the device for torch.

    Raises:
        ConfigError: It is not there.
    """
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device is Device.auto:
        return "cuda" if there["cuda"] else "mps" if there["mps"] else "cpu"
    if not there[device.value]:
        raise ConfigError(f"--device {device.value}: this machine has none that torch can use; try --device auto")
    return str(device.value)
