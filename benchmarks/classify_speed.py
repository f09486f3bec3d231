"""Times `heterophony classify` as a whole process on 500 ten-second clips: store cold, store warm, and a plain loop.

    python benchmarks/classify_speed.py [--clips FOLDER] [--model NAME|DIR] [--count 500] [--suffix .wav] [--repeats 3]

Clips are recordings of FOLDER (searched through), repeated or cut to ten seconds, mixed down, at 44.1 kHz; without
FOLDER, noise and tones. Cold means an empty store (file caches of the system stay warm), warm the store that the cold
run has filled. The plain loop reads, resamples, takes log-mels and runs the network one file at a time with each
library's default threads, and does nothing else: no words, no checks, no store, no class.

Per process: seconds, files per second, how many cores were busy, and the largest memory of all its processes together
(proportional set sizes, twice a second). Printed: the median over the repeats. The processes take turns.
"""

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 44_100
SECONDS = 10
SOUNDS = (".wav", ".ogg", ".flac", ".mp3")


@dataclass(frozen=True, slots=True)
class Measured:
    """One process from start to end."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def main() -> None:
    options = arguments()
    if options.plain:
        plain_loop(options.plain)
        return
    with tempfile.TemporaryDirectory() as folder:
        clips, store = Path(folder, "clips"), Path(folder, "store")
        make_clips(clips, options.clips, options.count, options.suffix)
        heterophony = [sys.executable, "-c", "from heterophony.cli import main; main()"]
        classify = [*heterophony, "classify", str(clips), "--store", str(store), "-o", str(Path(folder, "out.csv"))]
        classify += ["--model", options.model] + (["--workers", str(options.workers)] if options.workers else [])
        runs: dict[str, list[Measured]] = {}
        for _ in range(options.repeats):
            shutil.rmtree(store, ignore_errors=True)
            runs.setdefault("classify, cold", []).append(measure(classify))
            runs.setdefault("classify, warm", []).append(measure(classify))
            runs.setdefault("plain loop", []).append(measure([sys.executable, __file__, "--plain", str(clips)]))
            runs.setdefault("--help", []).append(measure([*heterophony, "--help"]))
        for name, measured in runs.items():
            tell(name, measured, options.count if name != "--help" else 0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, help="folder with recordings [default: noise and tones]")
    parser.add_argument("--model", default="bst-base")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--suffix", default=".wav", choices=(".wav", ".flac", ".ogg", ".mp3"))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workers", type=int, help="[default: one per core]")
    parser.add_argument("--plain", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def make_clips(folder: Path, source: Path | None, count: int, suffix: str) -> None:
    """Writes the clips; no two are the same, since the store knows files by their content."""
    folder.mkdir()
    found = sorted(path for path in source.rglob("*") if path.suffix in SOUNDS) if source else []
    generator = np.random.default_rng(1)
    for number in range(count):
        if found:
            first, second = found[2 * number % len(found)], found[(2 * number + 1) % len(found)]
            samples = np.concatenate([read(first), read(second)])
        else:
            tone = np.sin(np.arange(SECONDS * RATE_HZ) * generator.uniform(0.01, 0.5))
            samples = 0.2 * tone + 0.1 * generator.standard_normal(SECONDS * RATE_HZ)
        samples = np.resize(samples, SECONDS * RATE_HZ)
        samples[0] = number / count
        soundfile.write(folder / f"sound_{number:04d}{suffix}", samples, RATE_HZ)


def read(path: Path) -> np.ndarray:
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1)


def measure(command: list[str]) -> Measured:
    """Runs a process to its end; its output is shown only if it fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = [0]
    watcher = threading.Thread(target=watch, args=(process, peak), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{output}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(seconds, cpu, peak[0])


def watch(process: subprocess.Popen[str], peak: list[int]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(memory_of(number) for number in family(process.pid)))
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


def tell(name: str, measured: list[Measured], files: int) -> None:
    seconds = statistics.median(one.seconds for one in measured)
    cores = statistics.median(one.cpu_seconds / one.seconds for one in measured)
    peak = max(one.peak_bytes for one in measured) / 2**20
    span = f"{min(one.seconds for one in measured):.2f}-{max(one.seconds for one in measured):.2f}"
    rate = f"{files / seconds:7.1f} files/s  " if files else " " * 17
    print(f"{name:15} {seconds:7.2f} s ({span})  {rate}{cores:4.2f} cores  {peak:6.0f} MiB", flush=True)


def plain_loop(folder: Path) -> None:
    """The least that could be written: file to vector, one after the other."""
    import onnxruntime
    import soxr

    from heterophony.encoders.yamnet import float_graph, weights_path
    from heterophony.features import yamnet_log_mel

    session = onnxruntime.InferenceSession(float_graph(weights_path()).SerializeToString())
    for path in sorted(folder.iterdir()):
        samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
        mono = soxr.resample(samples.mean(axis=1), rate_hz, 16_000)
        windows = np.lib.stride_tricks.sliding_window_view(mono, 15_600)[::7_680]
        embedding, _ = session.run(None, {"audio": yamnet_log_mel(np.ascontiguousarray(windows))[:, None]})
        np.concatenate([embedding.mean(axis=0), embedding.max(axis=0)])


if __name__ == "__main__":
    main()
