"""What the tests of the Ray engine do in processes of their own: `python ray_runs.py NAME FOLDER` writes NAME.json."""

import json
import math
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ray_cluster

from heterophony.clips import Clip
from heterophony.errors import HeterophonyError, MediaError
from heterophony.media import Limits
from heterophony.store import Store, embed_clips
from heterophony.store.ray_engine import run_on_ray
from heterophony.store.ray_session import ray_session

ENCODERS = {"sound": "yamnet+scores:mean+max", "words": "minilm"}


def outcomes(function: Callable[[Any], Any], items: list[Any], **settings: Any) -> list[Any]:
    """Of each item its results (a list: there should be one), as JSON can tell them."""
    came: list[list[Any]] = [[] for _ in items]
    for index, outcome in run_on_ray(function, items, **{"workers": 2, "limits": Limits(), **settings}):
        came[index].append(f"refused: {outcome}" if isinstance(outcome, MediaError) else outcome)
    return came


def raised(function: Callable[[Any], Any], items: list[Any], **settings: Any) -> str:
    """What stops the run."""
    try:
        return f"nothing but {outcomes(function, items, **settings)}"
    except (TypeError, HeterophonyError) as error:
        return f"{type(error).__name__}: {error}"


def left_early() -> float:
    """Seconds that it takes to leave a run whose items take a minute each."""
    run = run_on_ray(time.sleep, [0.0] + [60.0] * 9, workers=2, limits=Limits())
    next(run)
    began = time.monotonic()
    run.close()
    return time.monotonic() - began


def clips_of(folder: Path) -> list[Clip]:
    """Recordings, and titles without one where there is a file of them."""
    files = [Clip(id=path.stem, file_name=path.name, path=path) for path in sorted((folder / "sounds").iterdir())]
    titles = (folder / "titles").read_text().splitlines() if (folder / "titles").exists() else []
    return [*files, *(Clip(id=title, title=title) for title in titles)]


def embedded(folder: Path, store: Store | None, engine: str, progress: Callable[[int, int], None]) -> dict[str, str]:
    """Clip and input to the bytes of its vector."""
    results = embed_clips(clips_of(folder), ENCODERS, store, workers=2, engine=engine, progress=progress)
    return {
        f"{result.clip.id} {name}": vector.tobytes().hex()
        for result in results
        for name, vector in result.vectors.items()
    }


def one_machine(folder: Path) -> dict[str, Any]:
    """A Ray that the engine starts itself."""
    harmless, crash = signal.SIGURG.value, signal.SIGSEGV.value
    before = (dict(os.environ), signal.getsignal(signal.SIGTERM))
    with ray_session(2):
        processes = ray_cluster.descendants(os.getpid())
        said = {
            "modes": [oct(path.stat().st_mode & 0o777) for path in Path(tempfile.gettempdir()).glob("ray-*")],
            "addresses": sorted(ray_cluster.listening(processes | {os.getpid()})),
            "roots": outcomes(math.sqrt, [*map(float, range(70)), -1.0], name=lambda item: f"<{item}>"),
            "crash": outcomes(signal.raise_signal, [harmless] * 20 + [crash] + [harmless] * 20),
            "time": outcomes(time.sleep, [0.0, 60.0, 0.0], limits=Limits(timeout_s=1.0)),
            "memory": outcomes(ray_cluster.fill, [10, 2**32, 20], limits=Limits(memory_bytes=2**30)),
            "start": outcomes(os.path.exists, ["here", "there"] * 10, initializer=os.chdir, initargs=(str(folder),)),
            "thread": outcomes(os.getenv, ["OMP_NUM_THREADS"]),
            "absent": outcomes(os.stat, ["nowhere"]),
            "fault": raised(math.sqrt, ["four"]),
            "no start": raised(math.sqrt, [1.0], initializer=math.sqrt, initargs=(-1.0,)),
            "early": left_early(),
            "none": outcomes(math.sqrt, []),
            "vectors": embedded(folder, None, "ray", lambda *_: None),
        }
    ray_cluster.wait_until(lambda: not ray_cluster.alive(processes))
    said["files left"] = [path.name for path in Path(tempfile.gettempdir()).glob("ray-*")]
    said["as before"] = (dict(os.environ), signal.getsignal(signal.SIGTERM)) == before
    return said


def twice(_: Path) -> dict[str, Any]:
    """Two runs of one process, each with a Ray of its own."""
    return {"roots": [outcomes(math.sqrt, [4.0, number], workers=1) for number in (9.0, 16.0)]}


def two_nodes(folder: Path) -> dict[str, Any]:
    """A cluster that runs already; its second node is killed in the middle of a batch."""
    items = [(number, 0.1, "log") for number in range(64)]  # two to a batch
    came: list[list[str]] = [[] for _ in items]
    with ray_cluster.two_nodes() as cluster:
        (second,) = cluster.worker_nodes
        os.environ |= {"RAY_ADDRESS": cluster.address, "HETEROPHONY_CACHE": "here"}
        os.chdir(folder)
        killed: set[int] = set()
        for done, (index, outcome) in enumerate(run_on_ray(ray_cluster.digest, items, workers=1, limits=Limits())):
            came[index].append(outcome)
            if done >= 8 and not killed:
                killed = ray_cluster.processes_of(second)
                Path("hold").write_text(" ".join(map(str, killed)))
                ray_cluster.wait_until(lambda: any(what == "held" for what, _, _ in ray_cluster.notes("log")))
                ray_cluster.kill(ray_cluster.processes_of(second))
    notes = ray_cluster.notes("log")
    begun = [number for what, number, _ in notes if what == "begin"]
    (held,) = [number for what, number, _ in notes if what == "held"]
    return {
        "came": came,
        "done on the killed node": sum(what == "end" and process in killed for what, _, process in notes),
        "done on the other node": sum(what == "end" and process not in killed for what, _, process in notes),
        "begins of the item that was held": begun.count(held),
    }


def embed(folder: Path, engine: str) -> dict[str, Any]:
    """Fills the store; each step is noted in a file, and the store is written every few clips."""
    import heterophony.store.memory

    heterophony.store.memory.FLUSH_EVERY = 3
    progress = folder / "progress"

    def step(done: int, _all: int) -> None:
        ray_cluster.note(str(progress), f"step {done} 0\n")

    embedded(folder, Store(folder / "store"), engine, step)
    return {}


def main() -> None:
    runs: dict[str, Callable[..., dict[str, Any]]] = {
        run.__name__: run for run in (one_machine, twice, two_nodes, embed)
    }
    name, folder, *more = sys.argv[1:]
    said = runs[name](Path(folder), *more)
    (Path(folder) / f"{name}.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main()
