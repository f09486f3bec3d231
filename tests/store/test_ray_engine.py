"""The engine for many machines: the same outcomes as on one, whatever dies meanwhile, and nothing is left behind.

Ray runs in processes of its own (`ray_runs.py`): it listens, changes signals and environment, and leaves threads.
"""

import hashlib
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from heterophony.clips import Clip
from heterophony.errors import ConfigError, MissingExtraError
from heterophony.media import Limits
from heterophony.store import Store, embed_clips
from heterophony.store.ray_engine import run_on_ray

PROGRAM = (sys.executable, "-W", "ignore", str(Path(__file__).parent / "ray_runs.py"))
ENCODERS = {"sound": "yamnet+scores:mean+max", "words": "minilm"}
PATIENCE_S = 400.0
CHILDREN_OF = "/proc/{0}/task/{0}/children"


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """Without a cluster; files of Ray in a folder with a short name, as it puts sockets there."""
    folder = tempfile.mkdtemp(prefix="rt-", dir="/tmp")
    yield {name: value for name, value in os.environ.items() if not name.startswith("RAY_")} | {"TMPDIR": folder}
    shutil.rmtree(folder, ignore_errors=True)


def said_by(name: str, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    ran = subprocess.run(
        [*PROGRAM, name, str(folder)], env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    said: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return said


def vectors_in(folder: Path, store: Store | None, **settings: Any) -> dict[str, str]:
    """Clip and input to the bytes of its vector."""
    clips = [Clip(id=path.stem, file_name=path.name, path=path) for path in sorted((folder / "sounds").iterdir())]
    clips += [Clip(id=title, title=title) for title in (folder / "titles").read_text().splitlines()]
    results = embed_clips(clips, ENCODERS, store, **settings)
    return {
        f"{result.clip.id} {name}": vector.tobytes().hex()
        for result in results
        for name, vector in result.vectors.items()
    }


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory, write_sound: Callable[..., Path]) -> Path:
    """A folder with twelve short recordings in `sounds`, and forty titles, which travel in groups."""
    folder = tmp_path_factory.mktemp("ray")
    (folder / "here").write_bytes(b"")
    for number in range(12):
        write_sound(folder / "sounds" / f"rain_{number}.wav", ("low", "high", "noise")[number % 3], number, 0.5)
    (folder / "sounds" / "letter.wav").write_text("Dear sir")
    (folder / "titles").write_text("\n".join(f"a dog and {number} cats" for number in range(40)))
    return folder


@pytest.fixture(scope="module")
def one_machine(sounds: Path, environment: dict[str, str]) -> dict[str, Any]:
    return said_by("one_machine", sounds, environment)


@pytest.fixture(scope="module")
def two_nodes(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> dict[str, Any]:
    return said_by("two_nodes", tmp_path_factory.mktemp("nodes"), environment)


def test_each_item_has_one_outcome_in_its_place(one_machine: dict[str, Any]) -> None:
    refused = "refused: <-1.0>: ValueError: math domain error"
    assert one_machine["roots"] == [[math.sqrt(number)] for number in range(70)] + [[refused]]
    assert one_machine["none"] == []


def test_a_crash_refuses_only_its_item(one_machine: dict[str, Any]) -> None:
    crash = f"refused: {signal.SIGSEGV.value}: decoding it crashed the worker process (SIGSEGV)"
    assert one_machine["crash"] == [[None]] * 20 + [[crash]] + [[None]] * 20


def test_time_and_memory_are_limited_per_item(one_machine: dict[str, Any]) -> None:
    assert one_machine["time"] == [[None], ["refused: 60.0: not done after 1 s"], [None]]
    assert one_machine["memory"] == [[10], ["refused: 4294967296: needs more memory than is allowed"], [20]]


def test_processes_start_once_and_compute_with_one_thread(one_machine: dict[str, Any]) -> None:
    assert one_machine["start"] == [[True], [False]] * 10
    assert one_machine["thread"] == [["1"]]


def test_a_file_that_is_not_there_is_named_with_the_node(one_machine: dict[str, Any]) -> None:
    assert "; looked for on node " in one_machine["absent"][0][0]


def test_what_stops_a_run_is_raised_as_it_was(one_machine: dict[str, Any]) -> None:
    assert one_machine["fault"] == "TypeError: must be real number, not str"
    assert one_machine["no start"] == (
        "HeterophonyError: a worker process could not start: ValueError: math domain error"
    )


def test_a_run_that_is_left_early_does_not_wait(one_machine: dict[str, Any]) -> None:
    assert one_machine["early"] < 30


def test_vectors_have_the_bytes_of_the_local_engine(one_machine: dict[str, Any], sounds: Path) -> None:
    assert one_machine["vectors"] == vectors_in(sounds, None)
    assert len(one_machine["vectors"]) == 24 + 40


def test_a_ray_that_is_started_here_is_closed_to_other_machines_and_users(one_machine: dict[str, Any]) -> None:
    loopback = {"0100007F", "0000000000000000FFFF00000100007F"}  # 127.0.0.1, and the same written as IPv6
    assert one_machine["addresses"]
    assert set(one_machine["addresses"]) <= loopback
    assert one_machine["modes"] == ["0o700"]  # its files and sockets


def test_nothing_is_left_behind_and_all_is_as_before(one_machine: dict[str, Any]) -> None:
    """Environment, what SIGTERM does; the processes are gone, else the program would not have ended."""
    assert one_machine["as before"]
    assert one_machine["files left"] == []


def test_a_node_that_dies_in_the_middle_of_a_batch_loses_nothing(two_nodes: dict[str, Any]) -> None:
    assert two_nodes["came"] == [[hashlib.sha256(f"here {number}".encode()).hexdigest()] for number in range(64)]
    assert two_nodes["begins of the item that was held"] == 2
    assert two_nodes["done on the killed node"] > 0
    assert two_nodes["done on the other node"] > 32


@pytest.mark.slow
def test_a_process_can_run_again(environment: dict[str, str], tmp_path: Path) -> None:
    assert said_by("twice", tmp_path, environment)["roots"] == [[[2.0], [3.0]], [[2.0], [4.0]]]


@pytest.mark.parametrize("address", ["nonsense", "ray://127.0.0.1:10001", "127.0.0.1:6379"])
def test_no_cluster_at_the_address_is_told_at_once(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("Connection refused")

    monkeypatch.setattr("socket.create_connection", refuse)
    monkeypatch.setenv("RAY_ADDRESS", address)
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(is_initialized=lambda: False))
    monkeypatch.setitem(sys.modules, "ray.data", SimpleNamespace())
    with pytest.raises(ConfigError, match=f"RAY_ADDRESS={address}: .*give host:port"):
        next(run_on_ray(math.sqrt, [1.0], workers=1, limits=Limits()))


def test_without_ray_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'heterophony\[ray\]'"):
        next(run_on_ray(math.sqrt, [1.0], workers=1, limits=Limits()))
