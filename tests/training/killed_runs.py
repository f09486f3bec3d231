"""Trains the same model three times: without a stop, killed in the middle, and going on; run by `test_checkpoint`.

    python killed_runs.py FOLDER

Every training is a process of its own, forked before this one has trained anything, so that a kill is a real one.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from heterophony.augment import Masking, Mixup, ModalityDropout, Noise
from heterophony.batches import Batch
from heterophony.losses import CrossEntropy
from heterophony.models import Hatr
from heterophony.training import FitSettings, Group, fit, predict, seeded

ROWS, EPOCHS = 120, 6
CASES = {
    "adam": {},
    "momentum": {"optimiser": "sgd", "lr": 0.05, "schedule": "restarts"},
    "half": {"precision": "bfloat16", "optimiser": "adamw", "accumulate": 2},
    "ahead": {"ahead": True, "accumulate": 3, "drop_last": False},
    "frozen": {"groups": (Group(match="class_head", frozen=True), Group(match="fusion", lr=1e-2, weight_decay=0.1))},
    "plateau": {"schedule": "plateau", "plateau_patience": 1, "lr": 0.3, "optimiser": "sgd"},
    "patience": {
        "patience": 3,
        "epochs": 8,
        "span": 6,
        "monitor": "scripted",
        "schedule": "linear",
        "warmup_epochs": 1.5,
    },
    "alone": {"alone": True, "schedule": "cosine", "clip": 0.1},
}


def table(rows: int, seed: int) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    label = torch.arange(rows) % 3
    centres = torch.randn(3, 12, generator=torch.Generator().manual_seed(99))
    return Batch(
        inputs={f"m{i}": centres[label] + 2 * torch.randn(rows, 12, generator=generator) for i in range(2)},
        present=torch.ones(rows, 2, dtype=torch.bool),
        target=torch.nn.functional.one_hot(label, 3).float(),
        weight=torch.ones(rows),
    )


@dataclass
class Killer:
    """An augmentation that kills the process at the batch of this number; it changes nothing."""

    at: int | None
    seen: int = 0

    def draw(self, batch: Batch, generator: torch.Generator) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def apply(self, batch: Batch, params: None) -> Batch:
        return batch


def score(logits: np.ndarray, target: np.ndarray) -> dict[str, float]:
    accuracy = float((logits.argmax(axis=1) == target).mean())
    return {"accuracy": accuracy, "scripted": float(np.modf(1000 * np.abs(logits).sum())[0])}


def train(name: str, checkpoint: Path | None, kill_at: int | None, out: Path | None) -> None:
    """Trains; writes what came of it, and how many batches it took."""
    torch.set_num_threads(1)
    chosen = {"epochs": EPOCHS, "batch": 16, **CASES[name]}
    alone, early = chosen.pop("alone", False), chosen.pop("ahead", False)
    with seeded(1):
        model = Hatr({"m0": 12, "m1": 12}, 3, None, dim=16, hidden=16, dropout=0.2)
    killer, source, validation = Killer(kill_at), torch.Generator().manual_seed(7), table(45, 2)
    history = fit(
        model,
        table(ROWS, 1),
        None if alone else validation,
        loss=CrossEntropy(),
        augment=[Noise(sigma=0.1), ModalityDropout(), Mixup(alpha=0.3), *([] if early else [killer])],
        ahead=[Masking(max_fraction=0.3), killer] if early else [],
        settings=FitSettings(**chosen),
        score=score,
        generator=source,
        checkpoint=checkpoint,
    )
    if out is not None:
        told = {"rows": history.rows, "best_epoch": history.best_epoch, "after": source.get_state().sum().item()}
        said = {"said": torch.from_numpy(predict(model, validation))}
        save_file({**model.state_dict(), **said}, out.with_suffix(".safetensors"))
        out.with_suffix(".json").write_text(json.dumps(told))
        out.with_suffix(".batches").write_text(str(killer.seen))


def in_a_process(work: Callable[[], None]) -> int:
    """Does it in a forked process; gives its exit status, the negative of the signal that ended it."""
    child = os.fork()
    if child == 0:
        work()
        sys.stdout.flush()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def between_writing_and_naming() -> None:
    """From now on a file is never given its final name: the process is killed first."""
    Path.replace = lambda own, target: os.kill(os.getpid(), signal.SIGKILL)


def ends_of(name: str, folder: Path) -> list[int]:
    """Trains a case in every way; how each process ended."""
    kept = folder / f"{name}.checkpoint.safetensors"
    return [
        in_a_process(lambda: train(name, None, None, folder / f"{name}-whole")),
        in_a_process(lambda: train(name, kept, 19, None)),  # in the third epoch
        in_a_process(lambda: train(name, kept, 4, None)),  # and again in the same
        in_a_process(lambda: (between_writing_and_naming(), train(name, kept, None, None))),
        in_a_process(lambda: train(name, kept, None, folder / f"{name}-resumed")),
        in_a_process(lambda: train(name, kept, 1, folder / f"{name}-again")),  # finished: no batch, no kill
    ]


def main(folder: Path) -> None:
    """All cases; what is imported at first use is imported before, once for all processes."""
    import scipy.special  # noqa: F401
    import torch._dynamo  # noqa: F401

    (folder / "ends.json").write_text(json.dumps({name: ends_of(name, folder) for name in CASES}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
