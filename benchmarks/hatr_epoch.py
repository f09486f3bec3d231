"""Times one training epoch of HATR: ours against the loop that the field trains it with, in one process.

    python benchmarks/hatr_epoch.py [--repeats 7] [--threads 2]

One epoch is 109 steps of batch 64 over 7,011 random unit vectors, 512 (sound) + 512 (words), 23 classes, with noise and
masking. Both train the same network, in float32, with Adam and coupled weight decay; ours also in bfloat16.

The reference is a restatement of that loop, written here from its description: one `.npy` file per sample and
modality, read, noised and masked one sample at a time in `__getitem__` behind a `DataLoader`; the framework's dropout;
Adam as the framework picks it; the loss, the number of right answers and the mean attention read out at every step.

The epochs of the contestants take turns; ratios are taken within a turn and their median and range are printed, wall
clock and processor time, so that a neighbour on the machine disturbs both sides alike. On a machine that others use,
take `--threads 1` and read the processor time: with more threads than free cores they wait for each other.
"""

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from heterophony.augment import Masking, Noise, augmented
from heterophony.batches import Batch
from heterophony.losses import CrossEntropy
from heterophony.models import Hatr
from heterophony.models.dropout import Dropout
from heterophony.training import FitSettings, seeded
from heterophony.training.epoch import shuffled_batches, train_epoch

DIMS = {"sound": 512, "words": 512}
CLASSES = 23
AUGMENT = (Noise(), Masking())
T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(description="One training epoch of HATR, ours against the field's loop.")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--rows", type=int, default=7011)
    parser.add_argument("--threads", type=int, default=0, help="threads of the framework; 0: as it is")
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    if options.threads:
        torch.set_num_threads(options.threads)
    threads = torch.get_num_threads()
    print(f"torch {torch.__version__}, {threads} threads, {options.rows} rows, {options.repeats} repeats")
    table = random_table(options.rows)
    with tempfile.TemporaryDirectory() as folder:
        samples = write_samples(table, Path(folder))
        contestants = {
            "reference": reference(samples),
            "reference, steps only": reference_steps(table),
            "ours float32": ours(table, FitSettings()),
            "ours bfloat16": ours(table, FitSettings(precision="bfloat16")),
        }
        report(take_turns(contestants, options.repeats))
    breakdown(table)


def random_table(rows: int) -> Batch:
    """Random unit vectors with random classes; every sample has both modalities."""
    generator = torch.Generator().manual_seed(1821)
    inputs = {name: nn.functional.normalize(torch.randn(rows, dim, generator=generator)) for name, dim in DIMS.items()}
    target = nn.functional.one_hot(torch.randint(CLASSES, (rows,), generator=generator), CLASSES).float()
    present = torch.ones(rows, len(DIMS), dtype=torch.bool)
    return Batch(inputs=inputs, present=present, target=target, weight=torch.ones(rows))


# ---- ours


def ours(table: Batch, settings: FitSettings) -> Callable[[], float]:
    """One epoch of our loop, as `fit` runs it."""
    model = Hatr(DIMS, CLASSES)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5, fused=True)
    return partial(
        train_epoch,
        model,
        table,
        loss=CrossEntropy(),
        augment=AUGMENT,
        optimiser=optimiser,
        settings=settings,
        generator=torch.Generator().manual_seed(0),
    )


# ---- the field's loop


def write_samples(table: Batch, folder: Path) -> list[tuple[Path, Path, int]]:
    """One file per sample and modality, and the class."""
    classes = table.target.argmax(dim=1).tolist()
    for name, features in table.inputs.items():
        (folder / name).mkdir()
        for row, vector in enumerate(features.numpy()):
            np.save(folder / name / f"{row}.npy", vector)
    sound, words = folder / "sound", folder / "words"
    return [(sound / f"{row}.npy", words / f"{row}.npy", label) for row, label in enumerate(classes)]


class Samples(Dataset[tuple[Tensor, Tensor, int]]):
    """Reads, noises and masks one sample at a time."""

    def __init__(self, samples: list[tuple[Path, Path, int]]) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, int]:
        sound, words, label = self.samples[index]
        return disturbed(np.load(sound)), disturbed(np.load(words)), label


def disturbed(vector: np.ndarray) -> Tensor:
    """Noise, then zeros, on one vector."""
    noisy = torch.from_numpy(vector) + torch.randn(len(vector)) * 1e-4
    n_masked = int(torch.randint(1, int(0.7 * len(vector)) + 1, (1,)).item())
    noisy[torch.randperm(len(vector))[:n_masked]] = 0.0
    return noisy


class PlainHatr(nn.Module):
    """The same network with the framework's dropout and without a presence mask."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = with_plain_dropout(Hatr(DIMS, CLASSES))

    def forward(self, sound: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and attention."""
        parts = self.parts
        f = [parts.encoders["sound"](sound), parts.encoders["words"](words)]
        attention = torch.softmax(parts.fusion.score(torch.tanh(parts.fusion.hidden(torch.cat(f, dim=1)))), dim=1)
        fused = parts.fused_dropout(attention[:, :1] * f[0] + attention[:, 1:] * f[1])
        return parts.class_head(parts.projector(fused)), attention


def with_plain_dropout(module: nn.Module) -> nn.Module:
    """Puts the framework's dropout in the place of ours."""
    for name, child in module.named_children():
        if isinstance(child, Dropout):
            setattr(module, name, nn.Dropout(child.p))
        else:
            with_plain_dropout(child)
    return module


def reference(samples: list[tuple[Path, Path, int]]) -> Callable[[], float]:
    """One epoch of the field's loop."""
    loader = DataLoader(Samples(samples), batch_size=64, shuffle=True, drop_last=True)
    return reference_training(loader)


def reference_steps(table: Batch) -> Callable[[], float]:
    """The steps of the field's loop alone: its batches lie ready in memory."""
    rows = list(torch.randperm(len(table)).split(64))[: len(table) // 64]
    batches = [(table.inputs["sound"][r], table.inputs["words"][r], table.target[r].argmax(1)) for r in rows]
    return reference_training(batches)


def reference_training(batches: Iterable[tuple[Tensor, Tensor, Tensor]]) -> Callable[[], float]:
    """A network and its optimiser, to be trained for an epoch at every call."""
    model = PlainHatr()
    return partial(reference_epoch, model, torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5), batches)


def reference_epoch(
    model: PlainHatr, optimiser: torch.optim.Optimizer, batches: Iterable[tuple[Tensor, Tensor, Tensor]]
) -> float:
    """Step after step, with the bookkeeping of the field's loop."""
    criterion = nn.CrossEntropyLoss()
    model.train()
    total, right, seen, attention_sum = 0.0, 0, 0, 0.0
    for sound, words, label in batches:
        optimiser.zero_grad()
        logits, attention = model(sound, words)
        loss = criterion(logits, label)
        loss.backward()
        optimiser.step()
        total += loss.item()
        right += (logits.argmax(dim=1) == label).sum().item()
        attention_sum += attention[:, 0].mean().item()
        seen += len(label)
    return total / seen


# ---- measuring


def take_turns(contestants: dict[str, Callable[[], float]], repeats: int) -> dict[str, list[tuple[float, float, int]]]:
    """(Wall seconds, processor seconds, page faults) of each contestant in each turn; a first turn is thrown away."""
    taken: dict[str, list[tuple[float, float, int]]] = {name: [] for name in contestants}
    for turn in range(repeats + 1):
        for name, run in contestants.items():
            wall, cpu, faults = time.perf_counter(), time.process_time(), page_faults()
            run()
            if turn > 0:
                taken[name].append((time.perf_counter() - wall, time.process_time() - cpu, page_faults() - faults))
    return taken


def page_faults() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def report(taken: dict[str, list[tuple[float, float, int]]]) -> None:
    """Prints medians, and the ratios to the reference within each turn."""
    print(f"{'one epoch':24} {'wall s':>8} {'cpu s':>8} {'faults':>9}   wall ratio (range)     cpu ratio (range)")
    for name, turns in taken.items():
        wall, cpu, faults = (statistics.median(column) for column in zip(*turns, strict=True))
        ratios = [
            spread([turn[kind] / base[kind] for turn, base in zip(turns, taken["reference"], strict=True)])
            for kind in (0, 1)
        ]
        print(f"{name:24} {wall:8.2f} {cpu:8.2f} {faults:9.0f}   {ratios[0]:22} {ratios[1]}")


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def breakdown(table: Batch, steps: int = 109) -> None:
    """Prints what a step of ours is made of, in milliseconds: median over the steps of an epoch."""
    generator = torch.Generator().manual_seed(0)
    model = Hatr(DIMS, CLASSES).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5, fused=True)
    parts: dict[str, list[float]] = {}
    with seeded(0):
        for rows in list(shuffled_batches(len(table), FitSettings(), generator))[:steps]:
            optimiser.zero_grad()
            batch = clocked(parts, "batch gather", lambda rows=rows: table.take(rows))
            for augmentation in AUGMENT:
                name = f"augmentation: {type(augmentation).__name__.lower()}"
                batch = clocked(parts, name, partial(augmented, batch, augmentation, generator))
            output = clocked(parts, "forward", partial(model, batch))
            loss = CrossEntropy()(output, batch.target, batch.weight)
            clocked(parts, "backward", loss.backward)
            clocked(parts, "optimiser (fused Adam)", optimiser.step)
    products = clocked_products()
    print("\none step of ours, median wall ms")
    for name, seconds in parts.items():
        print(f"  {name:28} {statistics.median(seconds) * 1e3:8.2f}")
    print(f"  {'its matrix products alone':28} {products * 1e3:8.2f}   (2.8 GFLOP: {2.8 / products:.0f} GFLOP/s)")


def clocked(parts: dict[str, list[float]], name: str, run: Callable[[], T]) -> T:
    """Runs, and adds the seconds it took to `parts`."""
    start = time.perf_counter()
    result = run()
    parts.setdefault(name, []).append(time.perf_counter() - start)
    return result


def clocked_products() -> float:
    """Seconds of the matrix products of one step alone: forward, towards the input, towards the weights."""
    weights = [p.detach() for p in Hatr(DIMS, CLASSES).parameters() if p.dim() == 2]
    inputs = [torch.randn(64, w.shape[1]) for w in weights]
    outputs = [torch.randn(64, w.shape[0]) for w in weights]
    taken = []
    for _ in range(30):
        start = time.perf_counter()
        for w, x, y in zip(weights, inputs, outputs, strict=True):
            torch.mm(x, w.t())
            torch.mm(y, w)
            torch.mm(y.t(), x)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
