"""Times a sweep of many recipes against the loop that the field trains one of them with, per epoch.

    python benchmarks/sweep_speed.py [--recipes 30] [--epochs 1] [--jobs 2] [--precision float32]

The sweep: 30 recipes of the audio-text report's tables, five folds each, on random unit vectors, 512 (sound) + 512
(words), 23 classes; 10,956 rows, of which 7,011 train a fold. Its time is that of the whole process, with start-up,
reading, validation, tests, pages and table, divided by the epochs. The reference is one epoch of the plain loop of
`hatr_epoch.py` (a file per sample behind a DataLoader, as many threads as it likes), taken before and after the sweep.
Printed: seconds per epoch of both, their ratio, cores busy and peak memory of all processes together.
"""

import argparse
import csv
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from hatr_epoch import random_table, reference, write_samples
from processes import measure

from heterophony.recipes.catalogue import preset_names
from heterophony.taxonomy import BST

FOLDS = 5
TRAIN_ROWS = 7011
OTHERS = ("-sound", "bsd35k", "three-modalities", "concat", "convnext", "beats", "confidence-from")
"""Recipes that need other vectors, other rows, or fewer rows."""


def main() -> None:
    parser = argparse.ArgumentParser(description="A sweep per epoch, against the field's loop.")
    parser.add_argument("--recipes", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=1, help="of each fold")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rows", type=int, default=10956)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recipes = write_recipes(folder, options.recipes, options.epochs, options.precision)
        write_collection(folder, options.rows)
        (folder / "samples").mkdir()
        loop = reference(write_samples(random_table(TRAIN_ROWS), folder / "samples"))
        loop()  # the first epoch warms up
        before = clocked(loop)
        took = measure(command(folder, recipes, options.jobs))
        after = clocked(loop)
    epochs = len(recipes) * FOLDS * options.epochs
    plain, ours = statistics.mean([before, after]), took.seconds / epochs
    work = f"{len(recipes)} recipes x {FOLDS} folds x {options.epochs} epochs"
    print(f"{work}, {options.jobs} at a time, {options.precision}")
    print(f"the field's loop  {plain:6.2f} s an epoch ({before:.2f} before, {after:.2f} after)")
    print(f"the sweep         {ours:6.2f} s an epoch, {took.seconds:.0f} s in all, ratio {ours / plain:.3f}")
    print(f"cores busy {took.cpu_seconds / took.seconds:.2f}, peak memory {took.peak_bytes / 2**20:.0f} MiB")


def clocked(loop: object) -> float:
    start = time.perf_counter()
    loop()  # type: ignore[operator]
    return time.perf_counter() - start


def write_recipes(folder: Path, count: int, epochs: int, precision: str) -> list[Path]:
    """The first recipes of the tables that need both vectors and nothing else, each cut to so many epochs."""
    names = [
        name
        for name in preset_names()
        if name.startswith(("bst/table2/", "bst/table3/", "bst/table4/", "bst/more/"))
        and not any(
            other in name for other in ("-sound", "bsd35k", "three-mod", "concat", "convnext", "beats", "from-")
        )
    ]
    paths = []
    for number in range(count):
        name = names[number % len(names)]
        path = folder / f"r{number}.yaml"
        path.write_text(
            f"extends: {name}\nname: r{number}\nbaseline: ''\nseed: {1821 + number}\n"
            f"fit: {{epochs: {epochs}, precision: {precision}}}\n"
        )
        paths.append(path)
    return paths


def write_collection(folder: Path, rows: int) -> None:
    """A manifest with random classes and confidences, and random unit vectors."""
    generator = np.random.default_rng(1821)
    vectors = {}
    for name in ("sound", "words"):
        x = generator.normal(size=(rows, 512)).astype(np.float32)
        vectors[name] = x / np.linalg.norm(x, axis=1, keepdims=True)
    ids = np.array([str(row) for row in range(rows)])
    np.savez(folder / "vectors.npz", allow_pickle=False, ids=ids, **vectors)
    labels = generator.integers(0, len(BST.classes), rows)
    with (folder / "clips.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "class", "confidence"])
        writer.writerows((row, BST.classes[label], 1 + row % 5) for row, label in enumerate(labels))


def command(folder: Path, recipes: list[Path], jobs: int) -> list[str]:
    vectors = folder / "vectors.npz"
    given = [f"--features={name}={vectors}:{name}" for name in ("sound", "words")]
    start = [sys.executable, "-m", "heterophony", "sweep", *map(str, recipes), "--data", str(folder / "clips.csv")]
    return [*start, *given, "--out", str(folder / "runs"), "--no-store", "--jobs", str(jobs)]


if __name__ == "__main__":
    main()
