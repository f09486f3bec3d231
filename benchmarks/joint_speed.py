"""Times joint training of a sound and a picture network: steps per second, waiting for data, memory.

    python benchmarks/joint_speed.py [--steps 8] [--batch 32] [--device cpu] [--pairs fcnn+efficientnet-lite0 ...]

The rows are seconds of a video that is made here (noise in stereo at 48 kHz, moving noise at 360p and 30 frames a
second), decoded as a recipe decodes them, with every augmentation of the joint modelling paper: one of four changes of
the waveform, SpecAugment, channel confusion, RandAugment, mixup of a fifth. The networks have weights drawn at random;
that changes no speed. Both encoders are trained on.

Beside it the plain loop: the same work, each batch read when the step before is done, in float32. Each case is a
process of its own, which tells its largest memory (VmHWM).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
import torch

from heterophony.augment import Mixup
from heterophony.batches import Batch
from heterophony.encoders.torch_pictures import TorchPictures
from heterophony.encoders.torch_sound import TorchSound
from heterophony.encoders.trainable import network_of, trainable_encoder
from heterophony.losses import CrossEntropy
from heterophony.media import Decoded, Form, Item, Looks, Wanted, decode
from heterophony.models import Joint, Load, Mlp
from heterophony.models.decoded_rows import PictureRows, Rows, SoundRows
from heterophony.models.load import Change
from heterophony.recipes.input_changes import changes_of, of_spectrograms
from heterophony.recipes.load import as_recipe
from heterophony.training import FitSettings, fit, seeded

PAIRS = ("fcnn+efficientnet-lite0", "fcnn+densenet161-places365")
SECONDS = 20
CLASSES = 10
WAVEFORMS = ("pitch-shift", "speed-change", "additive-noise", "same-class-mix")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", nargs="+", default=list(PAIRS), help="sound encoder + picture encoder")
    parser.add_argument("--steps", type=int, default=8, help="that are timed; two more come before")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--case", help="one case, as JSON, in this process")
    options = parser.parse_args()
    if options.case:
        pair, way = options.case.split()
        print(json.dumps(case(pair, way, options)))
        return
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f} before")
    for pair in options.pairs:
        for way in ("plain", *options.precision):
            told = measured(f"{pair} {way}", sys.argv[1:])
            print(f"{pair:28} {way:9}", ", ".join(f"{key} {value}" for key, value in told.items()), flush=True)


def measured(name: str, arguments: list[str]) -> dict[str, Any]:
    """A case in a process of its own."""
    done = subprocess.run([sys.executable, __file__, *arguments, "--case", name], check=True, stdout=subprocess.PIPE)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def case(pair: str, way: str, options: argparse.Namespace) -> dict[str, Any]:
    """Steps per second, the share of the time that steps waited for data, and the largest memory."""
    with tempfile.TemporaryDirectory() as folder:
        sound, pictures = encoders(pair)
        decoded = rows_of_noise(Path(folder), sound, pictures)
        rows: dict[str, Rows] = {
            "sound": SoundRows(decoded, sound, hop=sound.window, shortest=sound.window),
            "pictures": PictureRows(decoded, pictures),
        }
        with seeded(0):
            drawn = {"sound": network_of(sound, "scratch"), "pictures": network_of(pictures, "scratch")}
            head = Mlp({name: one.dim for name, one in rows.items()}, CLASSES, (512, 128, 64), 0.2, norm=True)
            model = Joint(drawn, head, rows).to(options.device)
        ahead = [
            Load(rows=rows, changes={name: changes(name, rows) for name in rows}),
            *of_spectrograms(specs()["sound"], "sound"),
            Mixup(ratio=0.4, fraction=0.2, partner="other"),
        ]
        precision = "float32" if way == "plain" else way
        train(model, ahead, 2, options, precision, plain=way == "plain")
        began = time.perf_counter()
        waited = train(model, ahead, options.steps, options, precision, plain=way == "plain")
        seconds = time.perf_counter() - began
    return {
        "steps/s": round(options.steps / seconds, 3),
        "s/step": round(seconds / options.steps, 3),
        "waited for data %": round(100 * waited, 1),
        "peak MiB": peak(),
    }


def train(
    model: Joint, ahead: list[Any], steps: int, options: argparse.Namespace, precision: str, *, plain: bool
) -> float:
    """So many steps; the share of the time in which they waited for a batch."""
    numbers = torch.arange(steps * options.batch) % SECONDS
    table = Batch(
        inputs={"sound": numbers[:, None], "pictures": numbers[:, None].clone()},
        present=torch.ones(len(numbers), 2, dtype=torch.bool),
        target=torch.eye(CLASSES)[numbers % CLASSES],
        weight=torch.ones(len(numbers)),
    )
    reading = Reading(ahead) if plain else None
    history = fit(
        model,
        table,
        None,
        loss=CrossEntropy(),
        augment=[reading] if reading else [],
        ahead=[] if reading else ahead,
        settings=FitSettings(epochs=1, batch=options.batch, lr=1e-5, schedule="constant", precision=precision),
        score=lambda _logits, _target: {},
        generator=torch.Generator().manual_seed(0),
    )
    return history.waited if reading is None else reading.seconds / reading.whole


class Reading:
    """All that is done to a batch, when its step asks for it; counts the time that takes."""

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts
        self.seconds, self.began = 0.0, time.perf_counter()

    @property
    def whole(self) -> float:
        """Seconds since the first batch was asked for."""
        return time.perf_counter() - self.began

    def draw(self, _batch: Batch, generator: torch.Generator) -> torch.Generator:
        """The generator itself; it is drawn from when the batch is made."""
        return generator

    def apply(self, batch: Batch, params: torch.Generator) -> Batch:
        """The batch as a network takes it."""
        began, device = time.perf_counter(), batch.target.device
        batch = batch.to(torch.device("cpu"))
        for part in self.parts:
            batch = part.apply(batch, part.draw(batch, params))
        batch = batch.to(device)
        self.seconds += time.perf_counter() - began
        return batch


def encoders(pair: str) -> tuple[TorchSound, TorchPictures]:
    sound, pictures = (trainable_encoder(name, "scratch") for name in pair.split("+"))
    assert isinstance(sound, TorchSound)
    assert isinstance(pictures, TorchPictures)
    return sound, pictures


def specs() -> dict[str, Any]:
    """What the paper's final system does to sound and pictures."""
    waveforms = {"name": "one-of", "of": [{"name": name} for name in WAVEFORMS]}
    branches = {
        "sound": {"augment": [waveforms, {"name": "spec-augment"}, {"name": "channel-confusion"}]},
        "pictures": {"augment": [{"name": "rand-augment"}]},
    }
    modalities = {"sound": {"encoder": "fcnn"}, "pictures": {"encoder": "efficientnet-lite0"}}
    recipe = as_recipe({"name": "speed", "modalities": modalities, "joint": {"branches": branches}})
    assert recipe.joint is not None
    return {name: branch.augment for name, branch in recipe.joint.branches.items()}


def changes(name: str, rows: dict[str, Any]) -> tuple[Change, ...]:
    alike = {row: [other for other in range(SECONDS) if other % CLASSES == row % CLASSES] for row in range(SECONDS)}
    return changes_of(specs()[name], rows[name], alike)


def rows_of_noise(folder: Path, sound: TorchSound, pictures: TorchPictures) -> Decoded:
    """One row for each second of a made video."""
    draw = np.random.default_rng(0)
    soundfile.write(folder / "a.wav", 0.1 * draw.normal(size=(SECONDS * 48_000, 2)), 48_000)
    with av.open(str(folder / "v.mp4"), "w") as container:
        stream = container.add_stream("h264", rate=Fraction(30))
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        small = draw.integers(0, 255, (45, 80 + SECONDS * 30, 3), dtype=np.uint8)
        for number in range(SECONDS * 30):
            picture = small[:, number : number + 80].repeat(8, axis=0).repeat(8, axis=1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")))
        container.mux(stream.encode())
    stretches = [(float(second), second + 1.0) for second in range(SECONDS)]
    items = [Item(folder / "a.wav", folder / "v.mp4", stretch) for stretch in stretches]
    looks = Looks(pictures.times, pictures.size, pictures.fit)
    wanted = Wanted(sound=Form(sound.rate_hz, sound.channels), looks=looks)
    return decode(items, wanted, folder / "decoded")


def peak() -> int:
    """The largest memory that this process has had, MiB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


if __name__ == "__main__":
    main()
