"""Fixtures that every room's tests share."""

import os
import socket
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuses every connection but those between processes of this machine: the suite runs offline."""

    def refusing(connect: object) -> object:
        def method(own: socket.socket, address: object) -> object:
            if own.family != socket.AF_UNIX:
                raise AssertionError(f"a test wants the network: {address}")
            return connect(own, address)  # type: ignore[operator]

        return method

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refusing(getattr(socket.socket, name)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the development data; the test is skipped where it is absent."""
    given = os.environ.get("HETEROPHONY_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no development data: set HETEROPHONY_DATA to its folder")
    return folder
