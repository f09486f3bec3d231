"""Items in worker processes: what one does wrong is its own affair.

The functions are of the standard library, because a spawned process must be able to import them by name.
"""

import math
import os
import signal
import time

import pytest

from heterophony.errors import HeterophonyError, MediaError
from heterophony.media import Limits, run_in_workers


def outcomes(function, items, **settings):
    done = dict(run_in_workers(function, items, **{"limits": Limits(), **settings}))
    assert sorted(done) == list(range(len(items)))
    return [done[index] for index in range(len(items))]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_results_are_the_same_with_any_number_of_workers(workers):
    results = outcomes(math.sqrt, [float(number) for number in range(30)] + [-1.0], workers=workers)
    assert results[:30] == [math.sqrt(number) for number in range(30)]
    assert isinstance(results[30], MediaError)
    assert str(results[30]).startswith("-1.0: ValueError: ")


def test_a_crash_refuses_only_its_item_and_says_how():
    harmless = signal.SIGURG.value
    items = [harmless, harmless, signal.SIGSEGV.value, harmless, signal.SIGABRT.value, harmless]
    results = outcomes(signal.raise_signal, items, workers=1, name=lambda item: f"clip {item}")
    assert [result for item, result in zip(items, results, strict=True) if item == harmless] == [None] * 4
    assert str(results[2]) == "clip 11: decoding it crashed the worker process (SIGSEGV)"
    assert str(results[4]) == "clip 6: decoding it crashed the worker process (SIGABRT)"


def test_an_item_that_ends_the_process_is_refused():
    (result,) = outcomes(os._exit, [3], workers=1)
    assert str(result) == "3: decoding it ended the worker process with code 3"


def test_time_and_memory_are_limited_per_item():
    results = outcomes(time.sleep, [0.0, 60.0, 0.0], workers=1, limits=Limits(timeout_s=1.0))
    assert (results[0], str(results[1]), results[2]) == (None, "60.0: not done after 1 s", None)
    results = outcomes(bytearray, [10, 2**32, 20], workers=1, limits=Limits(memory_bytes=2**30))
    assert (len(results[0]), len(results[2])) == (10, 20)
    assert str(results[1]) == "4294967296: needs more memory than is allowed"


def test_workers_start_once_and_compute_with_one_thread(tmp_path):
    (tmp_path / "here").write_bytes(b"")
    settings = {"initializer": os.chdir, "initargs": (str(tmp_path),), "workers": 1}
    assert outcomes(os.path.exists, ["here", "there"], **settings) == [True, False]
    before = os.environ.get("OMP_NUM_THREADS")
    assert outcomes(os.getenv, ["OMP_NUM_THREADS"], workers=1) == ["1"]
    assert os.environ.get("OMP_NUM_THREADS") == before


def test_a_worker_that_cannot_start_stops_the_run_with_the_reason():
    with pytest.raises(HeterophonyError, match="a worker process could not start: ValueError"):
        outcomes(math.sqrt, [1.0], workers=1, initializer=math.sqrt, initargs=(-1.0,))


def test_a_fault_of_the_program_is_raised():
    with pytest.raises(TypeError, match="must be real number"):
        outcomes(math.sqrt, ["four"], workers=1)
    with pytest.raises(TypeError, match="must be real number"):
        outcomes(math.sqrt, ["four"], workers=0)


def test_a_run_that_is_left_early_does_not_wait():
    began = time.monotonic()
    run = run_in_workers(time.sleep, [0.0, 60.0, 60.0], workers=1, limits=Limits())
    assert next(run) == (0, None)
    run.close()
    assert time.monotonic() - began < 30
