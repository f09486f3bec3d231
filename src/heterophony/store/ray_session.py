"""A connection to a Ray cluster for one run, or a cluster of its own on this machine; nothing of it is left behind."""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from heterophony.errors import ConfigError
from heterophony.extras import import_extra

_NO_USAGE = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DATA_USAGE_DISABLED": "1"}
_SET_BY_RAY = ("PYTHONBREAKPOINT", "RAY_AUTH_MODE", "RAY_CLIENT_MODE")
_ANSWER_S = 10.0
_PASSED_ON = ("HETEROPHONY_CACHE",)
_LONGEST_FOLDER = 30  # characters; Ray puts sockets into it, whose paths have at most 107


@contextmanager
def ray_session(workers: int) -> Iterator[Any]:
    """The module `ray`, connected: as it is already, else to `RAY_ADDRESS`, else to a cluster that is started here.

    Args:
        workers: Cores of a cluster that is started here.

    Raises:
        MissingExtraError: Ray is not installed.
        ConfigError: No cluster answers at `RAY_ADDRESS`, or it has another version of Ray or Python.
    """
    address = os.environ.get("RAY_ADDRESS", "").removeprefix("local")
    with _environment(_NO_USAGE | ({} if address else _closed_to_others())):
        ray = import_extra("ray", "ray")
        import_extra("ray.data", "ray")
        with _quiet():
            if ray.is_initialized():
                yield ray
                return
            with _own_signal(), _connected(ray, address) if address else _started(ray, workers):
                yield ray


@contextmanager
def _connected(ray: Any, address: str) -> Iterator[None]:  # noqa: ANN401 - the module
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    runtime = {"env_vars": passed_on} if passed_on else None
    try:
        _must_answer(address)
        ray.init(address, runtime_env=runtime, log_to_driver=False, logging_level=logging.CRITICAL)
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigError(
            f"RAY_ADDRESS={address}: {error}; give host:port of the head of a running cluster with the same versions "
            "of Ray and Python (and its token, if it asks for one), or unset RAY_ADDRESS to work on this machine"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _must_answer(address: str) -> None:
    """Ray itself would try for many minutes.

    Raises:
        OSError: Nothing listens at host:port.
        ValueError: It is no address.
    """
    if address != "auto":
        host, _, port = address.rpartition(":")
        if "/" in host or not port.isdecimal():
            raise ValueError("not host:port")
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_S).close()


@contextmanager
def _started(ray: Any, workers: int) -> Iterator[None]:  # noqa: ANN401 - the module
    short = None if len(gettempdir()) < _LONGEST_FOLDER else "/tmp"
    with TemporaryDirectory(prefix="ray-", dir=short, ignore_cleanup_errors=True) as folder:
        try:
            ray.init(
                num_cpus=workers,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.CRITICAL,
                _node_ip_address="127.0.0.1",
                _temp_dir=f"{folder}/r",  # Ray opens its folder to all users; this one is closed
            )
            yield
        finally:
            ray.shutdown()


@cache
def _closed_to_others() -> dict[str, str]:
    """Settings of a Ray that only this process can use; Ray reads them once, when it is imported.

    The first is in Ray's words that there are no clusters on Windows and macOS. What it does, on any system: Ray binds
    to 127.0.0.1 instead of all addresses. The token, without which Ray runs nothing, else goes to the home folder.
    """
    if "ray" in sys.modules:
        return {}
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    return {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"} | ({} if "RAY_AUTH_MODE" in os.environ else token)


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in (*_SET_BY_RAY, *wanted)}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({} if value is None else {name: value})


@contextmanager
def _own_signal() -> Iterator[None]:
    """Ray replaces what SIGTERM does; afterwards it does what it did."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Ray Data tells its story on the terminal; its log files, which stay on, have it too."""
    consoles = [one for one in logging.getLogger("ray.data").handlers if isinstance(one, logging.StreamHandler)]
    levels = [one.level for one in consoles]
    for one in consoles:
        one.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for one, level in zip(consoles, levels, strict=True):
            one.setLevel(level)
