"""Times the augmentations against a training step of HATR: what each adds to the step.

    python benchmarks/augment_speed.py [--repeats 200] [--threads 1]

A step: batch 64 out of 7,011 random unit vectors, 512 (sound) + 512 (words), 23 classes: gather, forward, cross
entropy, backward, fused Adam, in float32, without augmentations. Steps and augmentations take turns, so that a
neighbour on the machine disturbs both sides alike; medians and their ratios to the median step are printed, wall
clock and processor time. On a machine that others use, take `--threads 1` and read the processor time. The last lines
are whole chains: always on (noise, masking) and the dearest that a recipe has (swap, noise, masking, mixup), which
should stay under 10 % of the step.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from heterophony.augment import (
    Augmentation,
    CrossModalSwap,
    CutMix,
    Masking,
    Mixup,
    ModalityDropout,
    Noise,
    augmented,
    swap_pool,
)
from heterophony.batches import Batch
from heterophony.losses import CrossEntropy
from heterophony.models import Hatr
from heterophony.training import FitSettings
from heterophony.training.epoch import train_step

DIMS = {"sound": 512, "words": 512}
CLASSES = 23


def main() -> None:
    parser = argparse.ArgumentParser(description="What augmentations add to a training step of HATR.")
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--rows", type=int, default=7011)
    parser.add_argument("--threads", type=int, default=0, help="threads of the framework; 0: as it is")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, median of {options.repeats}")
    table = random_table(options.rows)
    report(take_turns({"step": step(table), **augmentations(table)}, options.repeats))


def random_table(rows: int) -> Batch:
    """Random unit vectors with random classes; every sample has both modalities."""
    generator = torch.Generator().manual_seed(1821)
    inputs = {name: nn.functional.normalize(torch.randn(rows, dim, generator=generator)) for name, dim in DIMS.items()}
    target = nn.functional.one_hot(torch.randint(CLASSES, (rows,), generator=generator), CLASSES).float()
    present = torch.ones(rows, len(DIMS), dtype=torch.bool)
    return Batch(inputs=inputs, present=present, target=target, weight=torch.ones(rows))


def step(table: Batch) -> Callable[[], None]:
    """One training step without augmentations."""
    generator = torch.Generator().manual_seed(0)
    model = Hatr(DIMS, CLASSES).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5, fused=True)

    def run() -> None:
        rows = torch.randint(len(table), (64,), generator=generator)
        train_step(model, [(table.take(rows), 1.0)], CrossEntropy(), optimiser, FitSettings())

    return run


def augmentations(table: Batch) -> dict[str, Callable[[], None]]:
    """Each by itself, then whole chains."""
    pool, pool_target = swap_pool(table, "words")
    swap = CrossModalSwap(probability=0.3, pool=pool, pool_target=pool_target)
    always = (Noise(), Masking())
    chains: dict[str, Sequence[Augmentation[Any]]] = {
        "noise": (Noise(),),
        "masking": (Masking(),),
        "modality dropout": (ModalityDropout(),),
        "mixup": (Mixup(alpha=0.2),),
        "mixup per sample": (Mixup(alpha=0.2, per="sample"),),
        "cutmix": (CutMix(alpha=0.2),),
        "cross-modal swap": (swap,),
        "noise + masking": always,
        "swap + noise + masking + mixup": (swap, *always, Mixup(alpha=0.2)),
    }
    batch, generator = table.take(torch.arange(64)), torch.Generator().manual_seed(0)
    return {name: partial(run_chain, batch, chain, generator) for name, chain in chains.items()}


def run_chain(batch: Batch, chain: Sequence[Augmentation[Any]], generator: torch.Generator) -> None:
    for augmentation in chain:
        batch = augmented(batch, augmentation, generator)


def take_turns(contestants: dict[str, Callable[[], None]], repeats: int) -> dict[str, list[tuple[float, float]]]:
    """(Wall seconds, processor seconds) of each contestant in each turn; the first ten turns are thrown away."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for turn in range(repeats + 10):
        for name, run in contestants.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            if turn >= 10:
                taken[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return taken


def report(taken: dict[str, list[tuple[float, float]]]) -> None:
    """Prints medians and their ratios to the step."""
    medians = {name: [statistics.median(kind) for kind in zip(*turns, strict=True)] for name, turns in taken.items()}
    wall_of_step, cpu_of_step = medians["step"]
    print(f"{'':34} {'wall ms':>8} {'of a step':>10} {'cpu ms':>8} {'of a step':>10}")
    for name, (wall, cpu) in medians.items():
        shares = f"{wall * 1e3:8.3f} {wall / wall_of_step:10.1%} {cpu * 1e3:8.3f} {cpu / cpu_of_step:10.1%}"
        print(f"{name:34} {shares}")


if __name__ == "__main__":
    main()
