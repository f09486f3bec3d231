"""Options that several commands share, and what they mean."""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heterophony.errors import ConfigError

if TYPE_CHECKING:
    from heterophony.store import Store


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
