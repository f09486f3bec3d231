"""Weights come from the hub at a named revision, through its own library, from a server of this machine."""

import _socket
import hashlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from heterophony.encoders.checkpoints import CHECKPOINTS
from heterophony.encoders.hub import fetch
from heterophony.encoders.own_weights import add_weights
from heterophony.errors import ConfigError, ModelError

constants = pytest.importorskip("huggingface_hub.constants")

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {"tokenizer.json": b'{"model": {}}', "onnx/text_model.onnx": b"a graph"}


class Hub(BaseHTTPRequestHandler):
    """One repository, some/one, with one commit; `asked` is what was asked for and with which credentials."""

    asked: list[tuple[str, str]] = []  # noqa: RUF012 - emptied by the fixture

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, *, with_body: bool) -> None:
        self.asked.append((self.path, self.headers.get("Authorization", "")))
        start = f"/some/one/resolve/{COMMIT}/"
        body = FILES.get(self.path.removeprefix(start)) if self.path.startswith(start) else None
        self.send_response(200 if body is not None else 404)
        if body is None:
            code = "EntryNotFound" if self.path.startswith(start) else "RevisionNotFound"
            self.send_header("X-Error-Code", code)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha256(body or b"").hexdigest()}"')
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if with_body and body is not None:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: None) -> Iterator[type[Hub]]:
    """The library asks a server of this machine, the one address to which this test may connect."""
    known = replace(CHECKPOINTS["clap-tokenizer"], hub="some/one", revision=COMMIT, sha256="")
    monkeypatch.setitem(CHECKPOINTS, "clap-tokenizer", known)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("HETEROPHONY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    Hub.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:

        def connect(own: socket.socket, address: tuple[str, int]) -> object:
            assert address == server.server_address, f"a test wants the network: {address}"
            return _socket.socket.connect(own, address)

        monkeypatch.setattr(socket.socket, "connect", connect)
        here = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setattr(constants, "ENDPOINT", here)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", here + "/{repo_id}/resolve/{revision}/{filename}")
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Hub
        server.shutdown()
        thread.join()


def test_the_file_comes_at_the_known_revision_and_is_added_without_credentials(hub: type[Hub]) -> None:
    file = fetch("clap-tokenizer")
    assert file.name == "tokenizer.json"
    assert add_weights("clap-tokenizer", file).path.read_bytes() == FILES["tokenizer.json"]
    asked = {path for path, _ in hub.asked if not path.startswith("/api/")}  # the library has questions of its own
    assert asked == {f"/some/one/resolve/{COMMIT}/tokenizer.json"}
    assert {credentials for _, credentials in hub.asked} == {""}


def test_what_is_there_is_not_asked_for_again(hub: type[Hub]) -> None:
    first = fetch("clap-tokenizer")
    hub.asked.clear()
    assert fetch("clap-tokenizer") == first
    assert hub.asked == []


@pytest.mark.usefixtures("hub")
def test_another_file_and_another_revision_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHECKPOINTS, "clap-tokenizer", replace(CHECKPOINTS["clap-tokenizer"], revision=""))
    assert fetch("clap-tokenizer", COMMIT, "onnx/text_model.onnx").read_bytes() == b"a graph"


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("revision", "file"), [(COMMIT, "gone.json"), ("f" * 40, ""), (COMMIT, "../../outside.json")])
def test_what_is_not_there_is_named_with_the_way_by_hand(revision: str, file: str) -> None:
    with pytest.raises(ModelError, match=r"some/one at .*cannot be downloaded.*heterophony weights add clap-tokenizer"):
        fetch("clap-tokenizer", revision, file)


def test_a_hub_that_cannot_be_reached_is_named(hub: type[Hub], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionRefusedError("nobody is there")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("time.sleep", lambda _: None)  # between its attempts
    with pytest.raises(ModelError, match=r"some/one at .*cannot be downloaded"):
        fetch("clap-tokenizer")
    assert hub.asked == []


def test_without_a_revision_nothing_is_fetched(hub: type[Hub], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHECKPOINTS, "clap-tokenizer", replace(CHECKPOINTS["clap-tokenizer"], revision=""))
    with pytest.raises(ConfigError, match=r"no revision of some/one is known here.*--revision COMMIT"):
        fetch("clap-tokenizer")
    assert hub.asked == []


def test_weights_that_are_not_on_the_hub_are_fetched_by_hand() -> None:
    with pytest.raises(ConfigError, match=r"not on the hub; download mn04_as_mAP_432.pt from https"):
        fetch("efficientat-mn04")


def test_every_checkpoint_on_the_hub_has_a_commit_for_its_revision() -> None:
    for name, checkpoint in CHECKPOINTS.items():
        assert bool(checkpoint.hub) or not checkpoint.revision, name
        assert not checkpoint.revision or len(checkpoint.revision) == 40, name
