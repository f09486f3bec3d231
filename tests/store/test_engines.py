"""Engines by name."""

import pytest

from heterophony.errors import ConfigError
from heterophony.media import run_in_workers
from heterophony.store.engines import ENGINES, engine_named


def test_the_local_engine_is_the_pool_of_worker_processes() -> None:
    assert engine_named("local") is run_in_workers


def test_every_engine_is_there() -> None:
    assert [engine_named(name).__name__ for name in sorted(ENGINES)] == ["run_in_workers", "run_on_ray"]


def test_an_unknown_engine_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="engine 'rey' is unknown; did you mean 'ray'"):
        engine_named("rey")
    with pytest.raises(ConfigError, match="engine 'dask' is unknown; there are local, ray"):
        engine_named("dask")
