"""Times `heterophony embed` as a whole process, encoder by encoder, beside a plain loop of the libraries' own way.

    python benchmarks/embed_speed.py [--clips FOLDER] [--encoder NAME ...] [--count 1500] [--films 120] [--repeats 3]

Everything lies in TMPDIR: set it to a folder in memory, or the disk is measured too.

Sound: ten-second clips of 44.1 kHz (of FOLDER, searched through; else noise and tones). Pictures: ten-second films of
640 x 360 at 30 frames per second. Words: titles. Everything starts with an empty store.

The plain loop is what one would write first: decode, resample, front end, network, one clip after the other in one
process, with each library's default threads; no checks, no windows beyond the clip, no store. The processes take turns;
printed are medians over the repeats, the largest memory, and how many times faster `embed` is (the whole process, and
without the seconds that either needs before its first clip, taken from a run on one clip).

The floor is what one clip costs one core, part by part, in milliseconds of CPU time: no program that does the same
work can be faster than that sum divided by the number of cores.
"""

import argparse
import csv
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
import soxr
from processes import Measured, measure, tell

from clips import SECONDS, make_clips

FLOOR_CLIPS = 40
WORDS = ("rain", "on", "a", "tin", "roof", "dog", "barking", "far", "away", "door", "creaks", "slowly", "at", "night")


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the plain way: what it takes is what the step before gave."""

    name: str
    run: Callable[[Any], Any]


def main() -> None:
    options = arguments()
    if options.plain:
        run_plain(options.encoder[0], options.plain, options.count)
        return
    for encoder in options.encoder:
        with tempfile.TemporaryDirectory() as folder:
            data = make_data(encoder, Path(folder, "data"), options)
            compare(encoder, data, Path(folder, "store"), options)
            tell_floor(encoder, data)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, help="folder with recordings [default: noise and tones]")
    parser.add_argument("--encoder", action="append", choices=list(PLAIN), help="[default: all of them]")
    parser.add_argument("--count", type=int, default=1500, help="clips; titles four times as many")
    parser.add_argument("--films", type=int, default=120)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--plain", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.encoder = options.encoder or list(PLAIN)
    return options


def compare(encoder: str, data: Path, store: Path, options: argparse.Namespace) -> None:
    """Runs both by turns and prints them."""
    embed = [sys.executable, "-c", "from heterophony.cli import main; main()", "embed", "--json"]
    embed += ["--encoder", encoder, "--store", str(store), "--words", "manifest"]
    plain = [sys.executable, __file__, "--encoder", encoder, "--plain", str(data), "--count"]
    one = first_of(data)
    runs: dict[str, list[Measured]] = {"embed": [], "plain loop": [], "embed, one": [], "plain loop, one": []}
    for _ in range(options.repeats):
        for name, command in (
            ("embed", [*embed, str(data)]),
            ("plain loop", [*plain, str(10**9)]),
            ("embed, one", [*embed, str(one)]),
            ("plain loop, one", [*plain, "1"]),
        ):
            shutil.rmtree(store, ignore_errors=True)
            runs[name].append(measure(command))
    count = number_of(data)
    for name in ("embed", "plain loop"):
        tell(f"{encoder}: {name}", runs[name], count)
    seconds = {name: statistics.median(run.seconds for run in measured) for name, measured in runs.items()}
    ours, theirs = seconds["embed"], seconds["plain loop"]
    steady = (theirs - seconds["plain loop, one"]) / (ours - seconds["embed, one"])
    real_time = "" if data.suffix == ".csv" else f", {SECONDS * count / ours:.0f} times real time"
    print(f"  {theirs / ours:.2f} times the plain loop, {steady:.2f} times without start-up{real_time}", flush=True)


def first_of(data: Path) -> Path:
    """One clip: a file, or a manifest with one row."""
    if data.is_dir():
        return min(data.iterdir())
    one = data.with_name("one.csv")
    one.write_text("\n".join(data.read_text(encoding="utf-8").splitlines()[:2]) + "\n", encoding="utf-8")
    return one


def number_of(data: Path) -> int:
    return len(list(data.iterdir())) if data.is_dir() else len(data.read_text(encoding="utf-8").splitlines()) - 1


def make_data(encoder: str, folder: Path, options: argparse.Namespace) -> Path:
    """Clips, films or titles."""
    if encoder == "minilm":
        folder.mkdir()
        generator = np.random.default_rng(0)
        rows = [" ".join(generator.choice(WORDS, 6)) + f" {row}" for row in range(4 * options.count)]
        with (folder / "titles.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("id", "title"), *((str(at), title) for at, title in enumerate(rows))])
        return folder / "titles.csv"
    if encoder == "efficientnet-lite0":
        folder.mkdir()
        for number in range(options.films):
            make_film(folder / f"film_{number:03d}.mp4", number)
        return folder
    make_clips(folder, options.clips, options.count, ".wav")
    return folder


def make_film(path: Path, number: int) -> None:
    """A moving pattern with some grain."""
    generator = np.random.default_rng(number)
    grain = generator.integers(0, 24, (360, 640, 3), dtype=np.uint8)
    x, y = np.meshgrid(np.arange(640), np.arange(360))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for frame in range(30 * SECONDS):
            wave = np.sin((x + 3 * frame) / (20 + number)) + np.cos((y - 2 * frame) / 31)
            picture = (60 + 50 * (wave[:, :, None] + [0, 0.3, 0.6])).clip(0, 231).astype(np.uint8) + grain
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def tell_floor(encoder: str, data: Path) -> None:
    """CPU milliseconds of each step for one clip, everything on one core."""
    import os

    import torch

    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"
    inputs = list(inputs_of(data, FLOOR_CLIPS))
    total, said = 0.0, []
    for step in PLAIN[encoder](1):
        step.run(inputs[0])  # loads what must be loaded
        start = time.process_time()
        inputs = [step.run(one) for one in inputs]
        milliseconds = 1000 * (time.process_time() - start) / len(inputs)
        total += milliseconds
        said.append(f"{step.name} {milliseconds:.1f}")
    print(f"  floor, CPU milliseconds a clip: {', '.join(said)}; together {total:.1f}", flush=True)


def run_plain(encoder: str, data: Path, count: int) -> None:
    steps = PLAIN[encoder](0)
    for one in inputs_of(data, count):
        for step in steps:
            one = step.run(one)


def inputs_of(data: Path, count: int) -> Iterator[Any]:
    if data.is_dir():
        yield from sorted(data.iterdir())[:count]
        return
    with data.open(encoding="utf-8", newline="") as file:
        for row, _ in zip(csv.DictReader(file), range(count), strict=False):
            yield row["title"]


def session_of(graph: bytes | str, threads: int) -> Any:  # noqa: ANN401 - onnxruntime has no types
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads  # 0: as many as there are cores, the library's default
    return onnxruntime.InferenceSession(graph, options)


def decode(path: Path) -> tuple[np.ndarray, int]:
    return soundfile.read(path, dtype="float32", always_2d=True)


def to_rate(rate_hz: int) -> Step:
    return Step("resample", lambda found: soxr.resample(found[0].mean(axis=1), found[1], rate_hz))


def plain_yamnet(threads: int) -> list[Step]:
    from heterophony.encoders.yamnet import float_graph, weights_path
    from heterophony.features import yamnet_log_mel

    session = session_of(float_graph(weights_path()).SerializeToString(), threads)

    def log_mel(mono: np.ndarray) -> np.ndarray:
        windows = np.lib.stride_tricks.sliding_window_view(mono, 15_600)[::7_680]
        return yamnet_log_mel(np.ascontiguousarray(windows))[:, None]

    network = Step("network", lambda patches: session.run(None, {"audio": patches})[0].mean(axis=0))
    return [Step("decode", decode), to_rate(16_000), Step("log-mel", log_mel), network]


def plain_mn04(threads: int) -> list[Step]:
    """As its authors do: the front end in torch, the network as it was published, normalisation and all."""
    import torch
    from safetensors.torch import load_file

    from heterophony.encoders.efficientat_build import BuildEfficientAt
    from heterophony.encoders.own_weights import find_weights
    from heterophony.features import kaldi_mel_filters

    if threads:
        torch.set_num_threads(threads)
    filters = torch.from_numpy(kaldi_mel_filters(128, n_fft=1024, rate_hz=32_000, low_hz=0.0, high_hz=15_000.0))
    window = torch.hann_window(800, periodic=False)
    network = BuildEfficientAt()(load_file(find_weights("efficientat-mn04").path), {}).eval()

    def log_mel(mono: np.ndarray) -> torch.Tensor:
        x = torch.from_numpy(mono)
        x = (x[1:] - 0.97 * x[:-1])[None]
        power = torch.stft(x, 1024, 320, 800, window, center=True, return_complex=True).abs() ** 2
        return ((filters.T @ power + 1e-5).log() + 4.5) / 5

    def embed(mel: torch.Tensor) -> np.ndarray:
        with torch.inference_mode():
            return network(mel)[0].numpy()

    return [Step("decode", decode), to_rate(32_000), Step("log-mel", log_mel), Step("network", embed)]


def plain_lite0(threads: int) -> list[Step]:
    from PIL import Image
    from safetensors.numpy import load_file

    from heterophony.encoders.efficientnet_lite0 import to_pixels, weights_path
    from heterophony.encoders.efficientnet_lite0_graph import lite0_graph

    session = session_of(lite0_graph(load_file(weights_path())).SerializeToString(), threads)

    def frames(path: Path) -> list[Image.Image]:
        with av.open(str(path)) as container:
            return [frame.to_image() for at, frame in enumerate(container.decode(video=0)) if at % 30 == 0]

    def pixels(pictures: list[Image.Image]) -> np.ndarray:
        return to_pixels(np.stack([np.asarray(picture) for picture in pictures]))

    network = Step("network", lambda x: session.run(["embedding"], {"pixels": x})[0].mean(axis=0))
    return [Step("decode", frames), Step("scale", pixels), network]


def plain_minilm(threads: int) -> list[Step]:
    from tokenizers import Tokenizer

    from heterophony.encoders.minilm import tokenizer_path, weights_path

    tokenizer = Tokenizer.from_file(str(tokenizer_path()))
    tokenizer.no_padding()
    session = session_of(str(weights_path()), threads)

    def embed(ids: list[int]) -> np.ndarray:
        tokens = np.array([ids], dtype=np.int64)
        feeds = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
        mean = session.run(None, feeds)[0][0].mean(axis=0)
        return mean / np.linalg.norm(mean)

    return [Step("tokens", lambda text: tokenizer.encode(text).ids), Step("network", embed)]


# encoder -> its plain way, from the number of threads (0: the libraries' default)
PLAIN: dict[str, Callable[[int], list[Step]]] = {
    "yamnet": plain_yamnet,
    "efficientat-mn04": plain_mn04,
    "efficientnet-lite0": plain_lite0,
    "minilm": plain_minilm,
}


if __name__ == "__main__":
    main()
