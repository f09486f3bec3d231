"""The suite runs without a network: `no_network` of tests/conftest.py is on for every test."""

import socket
from pathlib import Path

import pytest


def test_a_test_that_wants_the_network_fails() -> None:
    with socket.socket() as one, pytest.raises(AssertionError, match="wants the network"):
        one.connect(("192.0.2.1", 80))


def test_processes_of_this_machine_may_talk(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
