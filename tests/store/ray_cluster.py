"""A Ray cluster of two nodes with one core each, on this machine and reachable from it only; one node can be killed.

Processes that import this module must be able to import `ray` afresh: tests run it in a process of its own.
"""

import hashlib
import os
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

QUIET = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # only 127.0.0.1
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_USAGE_DISABLED": "1",
    "RAY_health_check_period_ms": "300",  # a dead node is missed after five of these, not of 3000
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    "RAY_ADDRESS": "",
}
SMALL = {"num_cpus": 1, "object_store_memory": 100 * 2**20, "include_dashboard": False}
PATIENCE_S = 120.0


@contextmanager
def two_nodes() -> Iterator[Any]:
    """A head and a second node. Yields the cluster: `address`, `worker_nodes`."""
    with TemporaryDirectory(prefix="ray-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        os.environ.update(QUIET | {"RAY_TMPDIR": folder})
        from ray.cluster_utils import Cluster

        (Path(folder) / "ray").mkdir()
        cluster = Cluster(shutdown_at_exit=False)
        try:
            for _ in range(2):
                cluster.add_node(wait=False, **SMALL)
            wait_until(lambda: sum(node["Alive"] for node in cluster.global_state.node_table()) == 2)
            yield cluster
        finally:
            cluster.shutdown()


def wait_until(true: Any) -> None:
    """Looks every 50 ms.

    Raises:
        TimeoutError: It does not come true.
    """
    until = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"not true after {PATIENCE_S:g} s")
        time.sleep(0.05)


def processes_of(node: Any) -> set[int]:
    """Of a node of the cluster: its own process, all that it started, and what those started."""
    (raylet,) = node.all_processes["raylet"]
    return {raylet.process.pid} | descendants(raylet.process.pid)


def descendants(parent: int) -> set[int]:
    """Process numbers of all children, their children and so on."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has just ended
                continue
    found, before = {parent}, set()
    while found != before:
        before = found
        found = found | {child for child, of in parents.items() if of in found}
    return found - {parent}


def kill(numbers: set[int]) -> None:
    """No farewell: like pulling the plug."""
    for number in numbers:
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            continue


def digest(item: tuple[int, float, str]) -> str:
    """SHA-256 of an environment variable and a number, after a while.

    Beginning and end are noted in a file, with the process of Ray. The first waits for the second process, so that both
    nodes take part however slowly they start. In a process named in the file `hold` it does not come to an end.
    """
    number, seconds, log = item
    note(log, f"begin {number} {os.getppid()}\n")
    wait_until(lambda: len({process for _, _, process in notes(log)}) > 1)
    if Path("hold").exists() and str(os.getppid()) in Path("hold").read_text().split():
        note(log, f"held {number} {os.getppid()}\n")
        time.sleep(PATIENCE_S)
    time.sleep(seconds)
    note(log, f"end {number} {os.getppid()}\n")
    return hashlib.sha256(f"{os.environ['HETEROPHONY_CACHE']} {number}".encode()).hexdigest()


def fill(size: int) -> int:
    """Takes so many bytes of memory, for a moment."""
    return len(bytearray(size))


def note(log: str, line: str) -> None:
    """A short line at the end of a file, whole even if several write."""
    with Path(log).open("ab", buffering=0) as file:
        file.write(line.encode())


def notes(log: str) -> list[tuple[str, int, int]]:
    """(begin, held or end, number of the item, process) of each line."""
    lines = [line.split() for line in Path(log).read_text().splitlines()] if Path(log).exists() else []
    return [(what, int(number), int(process)) for what, number, process in lines]


def alive(processes: set[int]) -> set[int]:
    """Those that still run."""
    return {number for number in processes if (Path("/proc") / str(number) / "cmdline").exists() and not _ended(number)}


def _ended(number: int) -> bool:
    try:
        return (Path("/proc") / str(number) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def listening(processes: set[int]) -> set[str]:
    """Addresses at which processes wait for connections, as the kernel writes them (hexadecimal)."""
    sockets = set()
    for number in processes:
        for file in (Path("/proc") / str(number) / "fd").glob("*"):
            try:
                sockets.add(str(file.readlink()))
            except OSError:  # closed meanwhile
                continue
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    return {line[1].partition(":")[0] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in sockets}
