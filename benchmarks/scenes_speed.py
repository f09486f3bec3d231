"""How fast `heterophony scenes` goes through a video: whole processes, on a video that is made here.

    python benchmarks/scenes_speed.py                 10 minutes of 360p (H.264 and AAC, 30 pictures a second)
    python benchmarks/scenes_speed.py --minutes 60
    python benchmarks/scenes_speed.py --minutes 30 --kill

The model has random weights behind `yamnet` and `efficientnet-lite0`, so it needs no hub and says nothing. `--kill`
kills a run in its middle (SIGKILL), lets it go on, and compares the bytes with those of a run that was not killed.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from processes import Measured, measure, watch

WIDTH, HEIGHT, FPS, RATE_HZ = 640, 360, 30, 48_000
SCENE_S, TURN_S = 20, 60
"""Seconds after which picture and sound change; seconds of video that are made, and repeated."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--kill", action="store_true", help="kill a run in the middle, go on, compare")
    parser.add_argument("--folder", type=Path, help="keep the video there, and use it again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        video, model = folder / f"{given.minutes:g}.mp4", folder / "model"
        if not video.is_file():
            make_video(video, given.minutes)
        make_model(model)
        size = video.stat().st_size / 2**20
        print(f"{given.minutes:g} minutes, {size:.0f} MiB; load {os.getloadavg()[0]:.1f}", flush=True)
        output = folder / "track.json"
        runs = [measure(command(video, model, output)) for _ in range(given.repeats)]
        tell("scenes", runs, given.minutes)
        if given.kill:
            whole = output.read_bytes()
            kill_and_go_on(video, model, output, given.minutes)
            same = output.read_bytes() == whole
            print(f"after a kill and going on: {'the same bytes' if same else 'OTHER BYTES'}; {len(whole)} bytes")
        shares(video)


def command(video: Path, model: Path, output: Path) -> list[str]:
    return [sys.executable, "-m", "heterophony", "scenes", str(video), "--model", str(model), "-o", str(output)]


def tell(name: str, runs: list[Measured], minutes: float) -> None:
    seconds = statistics.median(run.seconds for run in runs)
    cpu = statistics.median(run.cpu_seconds for run in runs)
    span = f"{min(run.seconds for run in runs):.1f}-{max(run.seconds for run in runs):.1f}"
    peak = max(run.peak_bytes for run in runs) / 2**20
    rate = f"{60 * minutes / seconds:.1f} times real time, {60 * minutes / cpu:.1f} by processor time ({cpu:.0f} s)"
    print(f"{name}: {seconds:.1f} s ({span}, {len(runs)} runs), {rate}, {peak:.0f} MiB; load {os.getloadavg()[0]:.1f}")


def kill_and_go_on(video: Path, model: Path, output: Path, minutes: float) -> None:
    output.unlink()
    process = subprocess.Popen(command(video, model, output), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = [0]
    threading.Thread(target=watch, args=(process, peak, {}), daemon=True).start()
    began = time.perf_counter()
    journal, done = output.with_name(output.name + ".part"), 0
    while done < minutes / 2 and process.poll() is None:
        time.sleep(0.05)
        done = journal.read_bytes().count(b"\n") - 1 if journal.is_file() else 0
    process.send_signal(signal.SIGKILL)
    process.wait()
    took, memory = time.perf_counter() - began, peak[0] / 2**20
    print(f"killed after {took:.1f} s: {done} of {minutes:g} minutes done, {memory:.0f} MiB", flush=True)
    tell("going on", [measure(command(video, model, output))], minutes - done)


def shares(video: Path) -> None:
    """Processor time of each part of the work by itself, in this process."""
    from heterophony.encoders import load_encoder
    from heterophony.media import Form, LongSound, iter_seconds

    seen, heard = load_encoder("efficientnet-lite0"), load_encoder("yamnet")
    pictures = np.stack([next(iter_seconds(video, seen.times, seen.size, seen.fit))] * 60)
    windows = np.random.default_rng(0).normal(0, 0.1, (125, heard.window)).astype(np.float32)
    seen.encode(pictures[:1])
    heard.encode(windows[:1])
    minutes = sum(1 for _ in LongSound(video, [Form(16_000)], 60, 2))
    parts = {
        "decode pictures": lambda: sum(1 for _ in iter_seconds(video, seen.times, seen.size, seen.fit)),
        "decode sound": lambda: sum(1 for _ in LongSound(video, [Form(16_000)], 60, 2)),
        "encode pictures": lambda: [seen.encode(pictures) for _ in range(minutes)],
        "encode sound": lambda: [heard.encode(windows) for _ in range(minutes)],
    }
    took = {}
    for name, part in parts.items():
        before = time.process_time()
        part()
        took[name] = time.process_time() - before
    for name, seconds in took.items():
        print(f"{name:16} {seconds:6.1f} s of processor time, {100 * seconds / sum(took.values()):3.0f} %")


def make_model(folder: Path) -> None:
    """A model of ten scenes with random weights."""
    from heterophony.recipes.build import build_model
    from heterophony.recipes.load import load_recipe
    from heterophony.recipes.model_folder import save_model
    from heterophony.recipes.trained import Trained
    from heterophony.taxonomy import TAU
    from heterophony.training import seeded

    recipe, dims = load_recipe("tau/clips"), {"sound": 2048, "pictures": 1280}
    with seeded(3):
        member = build_model(recipe, dims, TAU)
    trained = Trained(recipe=recipe, taxonomy=TAU, dims=dims, members=[member], priors={}, temperatures={})
    save_model(trained, folder, "# Random weights\n")


def make_video(path: Path, minutes: float) -> None:
    """Scenes of a moving ground and a sound each, in turns of `TURN_S`, which are encoded once."""
    turn = path.with_name("turn.mp4")
    if not turn.is_file():
        make_turn(turn)
    with av.open(str(path), "w") as container:
        streams = None
        for number in range(round(60 * minutes / TURN_S)):
            with av.open(str(turn)) as source:
                streams = streams or [container.add_stream_from_template(stream) for stream in source.streams]
                for packet in source.demux():
                    if packet.size and 0 <= packet.pts * packet.time_base < TURN_S:
                        shift = round(number * TURN_S / packet.time_base)
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = streams[packet.stream.index]
                        container.mux(packet)


def make_turn(path: Path) -> None:
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "26"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=RATE_HZ, layout="stereo")
        rng = np.random.default_rng(0)
        for second in range(TURN_S):
            if second % SCENE_S == 0:
                ground, hz = soft(rng), rng.uniform(100, 4000)
            for frame in frames(ground, second, rng):
                container.mux(video.encode(frame))
            container.mux(packet for part in sound(second, hz, rng) for packet in audio.encode(part))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def soft(rng: np.random.Generator) -> np.ndarray:
    """A ground of blurred noise, larger than the picture."""
    coarse = rng.integers(0, 255, (2 * HEIGHT // 40, 2 * WIDTH // 40, 3), dtype=np.uint8)
    return np.kron(coarse, np.ones((40, 40, 1), np.uint8))


def frames(ground: np.ndarray, second: int, rng: np.random.Generator) -> Iterator[av.VideoFrame]:
    for number in range(FPS):
        at = (second * FPS + number) % 320
        picture = ground[at % 300 : at % 300 + HEIGHT, at : at + WIDTH].copy()
        picture[::4, ::4] += rng.integers(0, 20, (HEIGHT // 4, WIDTH // 4, 3), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = second * FPS + number, Fraction(1, FPS)
        yield frame


def sound(second: int, hz: float, rng: np.random.Generator) -> Iterator[av.AudioFrame]:
    at = np.arange(second * RATE_HZ, (second + 1) * RATE_HZ)
    samples = 0.2 * np.sin(2 * np.pi * hz * at / RATE_HZ) + rng.normal(0, 0.05, (2, RATE_HZ))
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.float32), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, second * RATE_HZ, Fraction(1, RATE_HZ)
    yield frame


if __name__ == "__main__":
    main()
