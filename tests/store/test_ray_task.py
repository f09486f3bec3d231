"""What happens on a node, without Ray: batches that share one worker process."""

import math
import os
import platform
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heterophony.errors import HeterophonyError
from heterophony.media import Limits
from heterophony.store import ray_task
from heterophony.store.ray_task import Batch, Done, Fault, Task, begin

RELEASE = ray_task.version("heterophony")


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker process at the start, none left at the end."""
    monkeypatch.setattr(ray_task, "_KEPT", ray_task._Kept())


def task(function: Callable[[Any], Any], run: str = "a", **settings: Any) -> Task:
    given = {
        "release": RELEASE,
        "folder": "/",
        "limits": Limits(),
        "name": str,
        "initializer": None,
        "initargs": (),
        **settings,
    }
    return Task(run=run, function=function, **given)


def done(work: Task, first: int, *items: Any) -> dict[int, Any]:
    column = np.empty(1, dtype=object)
    column[0] = Batch(first, items)
    (came,) = work({"batch": column})["done"]
    assert isinstance(came, Done)
    return {index: outcome if isinstance(outcome, float | str) else str(outcome) for index, outcome in came.outcomes}


def test_batches_keep_the_numbers_of_their_items_in_any_order_of_batches() -> None:
    roots = task(math.sqrt)
    assert done(roots, 6, 36.0, 49.0) == {6: 6.0, 7: 7.0}
    assert done(roots, 0, 0.0, -1.0, 4.0) == {0: 0.0, 1: "-1.0: ValueError: math domain error", 2: 2.0}
    assert done(roots, 3, 9.0) == {3: 3.0}


def test_batches_of_a_run_share_a_process_and_another_run_has_its_own() -> None:
    who = [done(task(os.readlink, run), 0, "/proc/self")[0] for run in ("a", "a", "b")]
    assert who[0] == who[1] != who[2]
    assert not Path("/proc", who[0]).exists()


def test_a_crash_is_that_of_its_item_and_later_batches_go_on() -> None:
    harmless, crash = signal.SIGURG.value, signal.SIGSEGV.value
    raising = task(signal.raise_signal, name=lambda number: f"clip {number}")
    first = done(raising, 0, harmless, crash, harmless)
    assert first == {0: "None", 1: "clip 11: decoding it crashed the worker process (SIGSEGV)", 2: "None"}
    assert done(raising, 3, harmless) == {3: "None"}


def test_a_fault_is_raised_as_it_was_and_later_batches_get_a_new_process() -> None:
    roots = task(math.sqrt)
    with pytest.raises(Fault) as caught:
        done(roots, 0, 4.0, "four", 9.0, 16.0)
    assert isinstance(caught.value.args[0], TypeError)
    assert done(roots, 4, 25.0) == {4: 5.0}


def test_another_version_on_a_node_stops_the_run() -> None:
    with pytest.raises(Fault) as caught:
        done(task(math.sqrt, release="0.0.1"), 0, 4.0)
    assert isinstance(caught.value.args[0], HeterophonyError)
    assert f"has heterophony {RELEASE}, the run was started with 0.0.1" in str(caught.value)


def test_a_file_that_is_not_there_is_named_with_the_node() -> None:
    (said,) = done(task(os.stat), 0, "nowhere").values()
    assert said == (
        "nowhere: FileNotFoundError: [Errno 2] No such file or directory: 'nowhere'; "
        f"looked for on node {platform.node()}"
    )


def test_relative_paths_are_those_of_the_folder_in_which_the_run_was_started(tmp_path: Path) -> None:
    assert done(task(os.path.abspath, folder=str(tmp_path)), 0, "a.wav") == {0: str(tmp_path / "a.wav")}
    gone = str(tmp_path / "gone")
    assert done(task(os.path.abspath, "b", folder=gone), 0, "a.wav") == {0: str(Path.cwd() / "a.wav")}


def test_a_process_whose_parent_is_gone_does_not_begin() -> None:
    with pytest.raises(HeterophonyError, match="is gone"):
        begin(os.getpid(), "/", math.sqrt, (4.0,))
