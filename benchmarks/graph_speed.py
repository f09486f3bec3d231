"""Times graph fusion at the size of its paper: graphs, epochs, new samples, memory; a plain implementation beside it.

    python benchmarks/graph_speed.py [--data FOLDER] [--nodes 45096] [--train 8646] [--curve 5000 20000 ...]

Nodes are single seconds of the AudioSet VGGish matrix (FOLDER: the development data; HETEROPHONY_DATA, or
../shared/data), 128 numbers; the second view is a fixed random projection of these to 64 numbers with noise. Classes
are drawn at random: speed does not depend on them. k = 60, union of both directions.

The plain implementation is the field's: sparse CSR tensors of PyTorch, both layers over all rows in every step, by
autograd. It has the same weights and runs in the same process, its epochs and ours in turns. Before that both train for
three steps without dropout, and the largest difference of their losses and logits is told.

SIGN is timed on a million nodes whose neighbours are made up. Each case is a process of its own; memory is the largest
that it ever held (VmHWM).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot, relu

from heterophony.batches import Batch
from heterophony.losses import CrossEntropy
from heterophony.models import AtGcn, Banked, DmGcn, GraphSettings, NodeBank, node_bank
from heterophony.models.nodes import Nodes
from heterophony.models.sign import Sign, blocks_of_bank
from heterophony.training import FitSettings, fit, seeded

CLASSES = 10
NEW = 1000
DIMS = {"sound": 128, "view": 64}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("HETEROPHONY_DATA", "../shared/data"))
    parser.add_argument("--nodes", type=int, default=45096)
    parser.add_argument("--train", type=int, default=8646)
    parser.add_argument("--epochs", type=int, default=5, help="of each model")
    parser.add_argument("--curve", type=int, nargs="*", default=[5000, 20000, 45000, 100000, 200000])
    parser.add_argument("--sign", type=int, default=1_000_000, help="nodes of SIGN")
    parser.add_argument("--case", choices=CASES, help="one case, as JSON, in this process")
    options = parser.parse_args()
    if options.case:
        print(json.dumps(CASES[options.case](options) | {"peak": peak()}))
        return
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} before", flush=True)
    for case in CASES:
        tell(case, child(case, options, options.sign if case == "sign" else options.nodes))
    for nodes in options.curve:
        for case in ("graphs", "steps"):
            tell(f"{case}, {nodes:,} nodes", child(case, options, nodes))
    print(f"load {os.getloadavg()[0]:.1f} after")


def child(case: str, options: argparse.Namespace, nodes: int) -> dict[str, float]:
    """A process of its own; as many of its nodes train as of all."""
    train = max(2, round(options.train * nodes / options.nodes))
    command = [sys.executable, __file__, "--case", case, "--data", str(options.data), "--nodes", str(nodes)]
    command += ["--train", str(train), "--epochs", str(options.epochs)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def tell(title: str, found: dict[str, float]) -> None:
    mib = found.pop("peak")
    said = ", ".join(f"{name} {value:.3g}" for name, value in found.items())
    print(f"{title:24} {said}, peak {mib:.0f} MiB", flush=True)


def peak() -> float:
    """Of this process, MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def clocked(work: Callable[..., Any], *given: object) -> tuple[Any, float]:
    start = time.perf_counter()
    done = work(*given)
    return done, time.perf_counter() - start


def samples(options: argparse.Namespace, first: int, count: int) -> Batch:
    """Seconds `first` to `first + count` of a random order of all, in two views."""
    path = Path(options.data) / "audioset_vggish" / "audioset_vggish_bal_train.npz"
    with np.load(path, allow_pickle=False) as archive:
        given = archive["X"].reshape(-1, DIMS["sound"])
    rng = np.random.default_rng(1821)
    order = rng.permutation(len(given))[first : first + count]
    if len(order) < count:
        sys.exit(f"{path} has {len(given):,} seconds; {first + count:,} were asked for")
    sound = given[order].astype(np.float32) / 255
    turn = rng.normal(0, DIMS["sound"] ** -0.5, (DIMS["sound"], DIMS["view"])).astype(np.float32)
    view = sound @ turn
    view += rng.normal(0, 0.1 * view.std(), view.shape).astype(np.float32)
    target = torch.from_numpy(rng.integers(CLASSES, size=count))
    return Batch(
        inputs={"sound": torch.from_numpy(sound), "view": torch.from_numpy(view)},
        present=torch.ones(count, len(DIMS), dtype=torch.bool),
        target=one_hot(target, CLASSES).float(),
        weight=torch.ones(count),
    )


def bank_of(options: argparse.Namespace, search: str = "faiss", **settings: str) -> tuple[NodeBank, Batch]:
    batch = samples(options, 0, options.nodes)
    return node_bank(batch, GraphSettings(search=search, **settings)), batch  # type: ignore[arg-type]


def graphs(options: argparse.Namespace) -> dict[str, float]:
    """Both graphs by either search: units of distance, neighbours, links. They must be the same."""
    batch = samples(options, 0, options.nodes)
    found = {search: clocked(node_bank, batch, GraphSettings(search=search)) for search in SEARCHES}
    (one, _), (other, _) = found.values()
    same = all(
        np.array_equal(a.indices, b.indices) and np.array_equal(a.data, b.data)
        for a, b in zip(one.adjacency, other.adjacency, strict=True)
    )
    if not same:
        sys.exit("the two searches give different graphs")
    edges = sum(graph.nnz for graph in one.adjacency)
    return {f"{search} s": seconds for search, (_, seconds) in found.items()} | {"edges": edges}


SEARCHES = ("torch", "faiss")


def memory(options: argparse.Namespace) -> dict[str, float]:
    """All that a fit needs, once: graphs, nodes, two epochs."""
    (bank, batch), built = clocked(bank_of, options)
    given, spread = clocked(bank.nodes, torch.arange(options.train))
    with seeded(1821):
        model = network("DM")
    step = stepper(model, given, batch.target[: options.train])
    step()
    return {"graphs s": built, "first layer s": spread, "epoch s": clocked(step)[1]}


def steps(options: argparse.Namespace) -> dict[str, float]:
    """Epochs of each graph model."""
    found = {}
    for name, settings in MODELS.items():
        bank, batch = bank_of(options, **settings)
        given = bank.nodes(torch.arange(options.train))
        with seeded(1821):
            model = network(name)
        found[f"{name} s"] = median_of(stepper(model, given, batch.target[: options.train]), options.epochs)
    return found


MODELS = {"DM": {}, "AT": {"features": "own"}, "Mean": {"mix": "adjacency"}}


def network(name: str) -> nn.Module:
    if name == "AT":
        return AtGcn(list(DIMS.values()), CLASSES)
    return DmGcn(sum(DIMS.values()), CLASSES, 1 if name == "Mean" else len(DIMS))


def beside_plain(options: argparse.Namespace) -> dict[str, float]:
    """DM-GCN and the plain implementation in turns, and how far apart they are."""
    bank, batch = bank_of(options)
    target, given = batch.target[: options.train], bank.nodes(torch.arange(options.train))
    with seeded(1821):
        ours, twin = (network("DM") for _ in range(2))
    twin.load_state_dict(ours.state_dict())
    plain = Plain(twin, bank, torch.cat(list(batch.inputs.values()), dim=1), options.train)
    steps = [stepper(model, what, target) for model, what in ((ours.eval(), given), (plain.eval(), None))]
    losses = [[step() for _ in range(3)] for step in steps]
    with torch.no_grad():
        logits = [ours(given).logits["class"], plain(None)]
    ours.train()
    plain.train()
    times = [[clocked(step)[1] for step in reversed(steps)] for _ in range(options.epochs)]
    slow, fast = (statistics.median(column) for column in zip(*times, strict=True))
    apart = max(abs(a - b) for a, b in zip(*losses, strict=True))
    found = {"plain s": slow, "ours s": fast, "ratio": slow / fast, "loss apart": apart}
    return found | {"logits apart": float((logits[0] - logits[1]).abs().max())}


class Plain(nn.Module):
    """DM-GCN as it is written in the paper: every layer over all nodes, in every step."""

    def __init__(self, weights: DmGcn, bank: NodeBank, x: Tensor, train: int) -> None:
        super().__init__()
        self.weights, self.x, self.count = weights, x, train
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta state", UserWarning)
            self.graphs = [
                torch.sparse_csr_tensor(
                    *(torch.from_numpy(part) for part in (one.indptr, one.indices, one.data)),
                    one.shape,
                    check_invariants=True,
                )
                for one in bank.laplacians()
            ]

    def forward(self, _: None) -> Tensor:
        """Logits of the training rows."""
        own = self.weights
        theta = own.theta.softmax(dim=1)  # type: ignore[union-attr]
        h1 = own.dropout(relu(self.spread(theta[0], self.x @ own.first.weight.T) + own.first.bias))
        h2 = relu(self.spread(theta[1], h1 @ own.second.weight.T) + own.second.bias)
        return own.head(torch.cat([h1, h2], dim=1))[: self.count]

    def spread(self, theta: Tensor, inner: Tensor) -> Tensor:
        """The mixed product."""
        return sum(weight * (graph @ inner) for weight, graph in zip(theta, self.graphs, strict=True))  # type: ignore[return-value]


def stepper(model: nn.Module, given: Nodes | None, target: Tensor) -> Callable[[], float]:
    """One epoch: forward, backward, Adam as in the paper; gives the loss before it."""
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-4, weight_decay=1e-4)

    def step() -> float:
        optimiser.zero_grad(set_to_none=True)
        said = model(given)
        loss = cross_entropy(said if isinstance(said, Tensor) else said.logits["class"], target)
        loss.backward()
        optimiser.step()
        return float(loss.detach())

    return step


def median_of(step: Callable[[], float], count: int) -> float:
    step()  # the first warms up
    return statistics.median(clocked(step)[1] for _ in range(count))


def classify(options: argparse.Namespace) -> dict[str, float]:
    """New samples against a bank of all nodes, by a model that was saved; its first call also opens the bank."""
    found = {}
    for search in SEARCHES:
        bank, _ = bank_of(options, search)
        with seeded(1821):
            model = Banked(network("DM"), tuple(DIMS), bank.settings).eval()
            saved = Banked(network("DM"), tuple(DIMS), bank.settings)
        saved.remember(bank)
        saved.known()
        model.load_state_dict(saved.state_dict())
        new = samples(options, options.nodes, NEW)
        with torch.no_grad():
            found[f"{search}, first s"] = clocked(model, new)[1]
            found[f"{search} s"] = statistics.median(clocked(model, new)[1] for _ in range(options.epochs))
    return found


def sign(options: argparse.Namespace) -> dict[str, float]:
    """SIGN with two steps: the blocks, as half-precision files, and an epoch over all nodes in batches of 1,024.

    The neighbours are made up (20 of the same thousand nodes): an exact search among a million is another matter.
    """
    rng, count = np.random.default_rng(1821), options.nodes
    x = {name: torch.from_numpy(rng.standard_normal((count, dim), dtype=np.float32)) for name, dim in DIMS.items()}
    near = np.arange(count)[:, None] // NEAR * NEAR
    index = np.minimum(near + np.sort(rng.integers(NEAR, size=(count, 20)), axis=1), count - 1)
    start = np.arange(0, index.size + 1, index.shape[1])
    graph = csr_array((np.full(index.size, 0.5, np.float32), index.ravel(), start), shape=(count, count))
    present = torch.ones(count, len(DIMS), dtype=torch.bool)
    target = one_hot(torch.from_numpy(rng.integers(CLASSES, size=count)), CLASSES).float()
    bank = NodeBank(
        settings=GraphSettings(),
        vectors=x,
        present=present,
        shift={},
        stretch={},
        mu={},
        adjacency=[graph] * len(DIMS),
        novelty=torch.zeros(present.shape),
    )
    with TemporaryDirectory() as folder:
        blocks, made = clocked(blocks_of_bank, bank, 2, Path(folder))
        with seeded(1821):
            model = Sign(sum(DIMS.values()), CLASSES, len(DIMS))
        train = replace(blocks, target=target, weight=torch.ones(count))
        settings = FitSettings(epochs=2, batch=1024, monitor="accuracy")
        at: list[float] = []
        fit(
            model,
            train,
            None,
            loss=CrossEntropy(),
            augment=(),
            settings=settings,
            score=nothing,
            generator=torch.Generator().manual_seed(1821),
            on_epoch=lambda _: at.append(time.perf_counter()),
        )
    return {"nodes": count, "blocks s": made, "epoch s": at[1] - at[0]}


NEAR = 1000


def nothing(logits: object, target: object) -> dict[str, float]:
    """No score: no rows choose the epoch."""
    return {"accuracy": 0.0}


CASES = {
    "graphs": graphs,
    "beside plain": beside_plain,
    "steps": steps,
    "memory": memory,
    "classify": classify,
    "sign": sign,
}


if __name__ == "__main__":
    main()
