"""Runs that are killed without warning, and run again: in the end the store has what one run would have put there."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heterophony.clips import Clip
from heterophony.store import Store, embed_clips

PROGRAM = (sys.executable, "-W", "ignore", str(Path(__file__).parent / "ray_runs.py"), "embed")
ENCODERS = {"sound": "yamnet+scores:mean+max", "words": "minilm"}
CLIPS, PATIENCE_S = 48, 300.0


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory, write_sound: Callable[..., Path]) -> Path:
    """A folder with recordings in `sounds`, no two with the same content."""
    folder = tmp_path_factory.mktemp("killed")
    for number in range(CLIPS):
        write_sound(folder / "sounds" / f"rain_{number}.wav", ("low", "high", "noise")[number % 3], number, 1.0)
    return folder


@pytest.fixture
def ray_folder() -> Iterator[str]:
    """Ray's own files: what a killed run leaves of them goes with it. Ray puts sockets there: the name is short."""
    folder = tempfile.mkdtemp(prefix="rt-", dir="/tmp")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def vectors_in(folder: Path, store: Store | None, **settings: Any) -> dict[tuple[str, str], bytes]:
    clips = [Clip(id=path.stem, file_name=path.name, path=path) for path in sorted((folder / "sounds").iterdir())]
    results = embed_clips(clips, ENCODERS, store, **settings)
    return {(result.clip.id, name): vector.tobytes() for result in results for name, vector in result.vectors.items()}


def steps(folder: Path) -> list[int]:
    """How many clips were done, at the start of each run and after each clip."""
    progress = folder / "progress"
    return [int(line.split()[1]) for line in progress.read_text().splitlines()] if progress.exists() else []


def descendants(parent: int) -> list[int]:
    """Process numbers of children, their children and so on."""
    found = []
    for task in Path("/proc", str(parent), "task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found


def running(process: int) -> bool:
    try:
        return Path("/proc", str(process), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_while(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while true():
        assert time.monotonic() < until
        time.sleep(0.01)


def run_and_kill(folder: Path, engine: str, environment: dict[str, str], more_steps: int, delay_s: float) -> int:
    """Starts a run and kills it, with all its group, after so many steps and a while; how many clips it found done.

    What is in groups of its own (Ray's) has to notice, and to end by itself.
    """
    before = len(steps(folder))
    run = subprocess.Popen(
        [*PROGRAM, str(folder), engine], env=environment, start_new_session=True, stderr=subprocess.DEVNULL
    )
    wait_while(lambda: run.poll() is None and len(steps(folder)) < before + more_steps)
    time.sleep(delay_s)
    started = descendants(run.pid) if run.poll() is None else []
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)
    assert run.wait() in (0, -signal.SIGKILL)
    wait_while(lambda: any(map(running, started)))
    return steps(folder)[before]


@pytest.mark.parametrize("engine", ["local", pytest.param("ray", marks=pytest.mark.slow)])
def test_a_killed_run_goes_on_where_it_was_and_ends_with_the_same_bytes(
    engine: str, sounds: Path, tmp_path: Path, ray_folder: str
) -> None:
    (tmp_path / "sounds").symlink_to(sounds / "sounds")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    environment["TMPDIR"] = ray_folder
    rng = np.random.default_rng(4)
    moments = [(int(rng.integers(1, 9)), rng.uniform(0.0, 0.1)) for _ in range(3)]
    known = [run_and_kill(tmp_path, engine, environment, *moment) for moment in [*moments, (CLIPS + 2, 0.0)]]
    assert known == sorted(known)
    assert any(0 < done < CLIPS for done in known)  # it went on where it was
    seen: list[tuple[int, int]] = []
    found = vectors_in(tmp_path, Store(tmp_path / "store"), progress=lambda *numbers: seen.append(numbers))
    assert seen == [(CLIPS, CLIPS)]  # all out of the store
    assert found == vectors_in(sounds, None)
