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
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from processes import Measured, measure, tell

from clips import make_clips


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
