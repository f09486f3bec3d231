"""Where the work of embedding is done: on this machine, or on a cluster."""

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from heterophony.errors import ConfigError

Engine = Callable[..., Iterator[tuple[int, Any]]]

# name -> function with the contract of `media.run_in_workers`
ENGINES: dict[str, str] = {
    "local": "heterophony.media:run_in_workers",
    "ray": "heterophony.store.ray_engine:run_on_ray",
}


def engine_named(name: str) -> Engine:
    """The engine of this name.

    Raises:
        ConfigError: There is none.
        MissingExtraError: It needs what is not installed.
    """
    if name not in ENGINES:
        near = get_close_matches(name, ENGINES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(ENGINES)}"
        raise ConfigError(f"engine {name!r} is unknown; {hint}")
    module, attribute = ENGINES[name].split(":")
    engine: Engine = getattr(import_module(module), attribute)
    return engine
