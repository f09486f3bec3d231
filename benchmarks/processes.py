"""Times whole processes with all that they start: seconds, cores busy, memory of the family together.

Where other work runs on the machine, cores busy say how much of it was left; cores wanted (busy, or wanted by a thread
that had to wait) say how many the process would have used.
"""

import resource
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """One process from start to end, with all that it started.

    Attributes:
        seconds: By the clock.
        cpu_seconds: Of processor time.
        waited_seconds: In which a thread could have run and no core was free, as far as twice a second can tell.
        peak_bytes: Of memory.
    """

    seconds: float
    cpu_seconds: float
    waited_seconds: float
    peak_bytes: int


def measure(command: list[str]) -> Measured:
    """Runs a process to its end; its output is shown only if it fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak, waited = [0], dict[str, int]()
    watcher = threading.Thread(target=watch, args=(process, peak, waited), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{output}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(seconds, cpu, sum(waited.values()) / 1e9, peak[0])


def watch(process: subprocess.Popen[str], peak: list[int], waited: dict[str, int]) -> None:
    while process.poll() is None:
        members = family(process.pid)
        peak[0] = max(peak[0], sum(memory_of(number) for number in members))
        for number in members:
            waited.update(waits_of(number))
        time.sleep(0.5)


def family(root: int) -> list[int]:
    """A process and all that descend from it."""
    try:
        threads = Path(f"/proc/{root}/task").iterdir()
        children = [child for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:  # it has ended meanwhile
        return []
    return [root] + [member for child in children for member in family(int(child))]


def memory_of(number: int) -> int:
    """Proportional set size in bytes: pages that processes share are divided among them."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def waits_of(number: int) -> dict[str, int]:
    """Thread to the nanoseconds that it has waited for a core."""
    try:
        threads = list(Path(f"/proc/{number}/task").iterdir())
        return {str(thread): int((thread / "schedstat").read_text().split()[1]) for thread in threads}
    except (OSError, IndexError):  # it has ended meanwhile
        return {}


def tell(name: str, measured: list[Measured], files: int) -> None:
    seconds = statistics.median(one.seconds for one in measured)
    cores = statistics.median(one.cpu_seconds / one.seconds for one in measured)
    wanted = statistics.median((one.cpu_seconds + one.waited_seconds) / one.seconds for one in measured)
    peak = max(one.peak_bytes for one in measured) / 2**20
    span = f"{min(one.seconds for one in measured):.2f}-{max(one.seconds for one in measured):.2f}"
    rate = " " * 31
    if files:
        cpu = 1000 * statistics.median(one.cpu_seconds for one in measured) / files
        rate = f"{files / seconds:7.1f} files/s {cpu:6.1f} ms CPU  "
    memory = f"{peak:6.0f} MiB"
    print(f"{name:15} {seconds:7.2f} s ({span})  {rate}{cores:4.2f} cores ({wanted:.2f} wanted) {memory}", flush=True)
