"""Times the search over all subsets of an ensemble's members, and a plain NumPy loop for scale.

    python benchmarks/ensemble_search.py [--data FOLDER] [--repeats 3] [--loop 2000]

FOLDER holds the published BSD10k predictions (HETEROPHONY_DATA, or ../shared/data); without it only random logits are
searched. Each case is a process of its own that makes its inputs and searches `repeats` times; printed are the median,
the span, the processor time, and the largest memory of that process. The kernel is compiled once, into an empty cache
folder, which is told apart, as is taking it from the cache.

The loop scores random subsets one by one, in the process of a search: mean of the members' values, argmax, confusion
matrix and scores of each fold. Told is how many of them the search scores otherwise.

"10,956" are five folds as large as those of BSD10k v1.2: where predictions of four folds are known, the fifth repeats
rows of these and its scores mean nothing.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from heterophony.ensemble.exhaustive import SubsetScores, search
from heterophony.ensemble.member_values import MemberValues
from heterophony.ensemble.subsets import Subsets
from heterophony.ensemble.two_phase import two_phase
from heterophony.ensemble.vote_values import vote_values
from heterophony.metrics import confusion_matrix
from heterophony.metrics.confusion import accuracy
from heterophony.metrics.hierarchical import hierarchical_f1
from heterophony.taxonomy import BST

ROWS = 10_956
CASES = {
    "37 runs, log-odds votes, folds 0-3": ("pool", "log-odds", 4),
    "37 runs, log-odds votes, 10,956": ("pool", "log-odds", 5),
    "37 runs, hard votes, 10,956": ("pool", "hard", 5),
    "37 random logits, 10,956": ("random", "", 5),
    "49 runs, two phases, log-odds, 10,956": ("all", "log-odds", 5),
    "plain loop, log-odds votes, 10,956": ("loop", "log-odds", 5),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("HETEROPHONY_DATA", "../shared/data"))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--loop", type=int, default=2000, help="subsets that the plain loop scores")
    parser.add_argument("--case", choices=CASES, help="one case, as JSON, in this process")
    options = parser.parse_args()
    if options.case:
        print(json.dumps(measured(options.case, options)))
        return
    known = (Path(options.data) / "bsd10k" / "published_pool_37.json").is_file()
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} before; median of {options.repeats}")
    with tempfile.TemporaryDirectory() as cache:
        compiled = child(next(case for case in CASES if known or "random" in case), options, cache)["first"]
        for case in CASES:
            if known or "random" in case:
                tell(case, child(case, options, cache))
    print(f"compilation {compiled:.1f} s, once per machine; load {os.getloadavg()[0]:.1f} after")


def child(case: str, options: argparse.Namespace, cache: str) -> dict[str, float]:
    """A process of its own."""
    command = [sys.executable, __file__, "--case", case, "--data", str(options.data)]
    command += ["--repeats", str(options.repeats), "--loop", str(options.loop)]
    told = subprocess.run(command, env=os.environ | {"NUMBA_CACHE_DIR": cache}, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(told.stdout)
    return found


def tell(case: str, found: dict[str, float]) -> None:
    seconds = f"{found['seconds']:7.2f} s ({found['least']:.2f}-{found['most']:.2f}), cpu {found['cpu']:.2f} s"
    print(f"{case:40} {found['subsets']:9,.0f} subsets {seconds}, {found['peak']:.0f} MiB", end="")
    if "whole" in found:
        ratio, of_cpu = found["whole"] / found["search"], found["whole_cpu"] / found["search_cpu"]
        print(
            f"; all would be {found['whole']:,.0f} s, {ratio:,.0f} times the search ({found['search']:.2f} s)", end=""
        )
        print(f", {of_cpu:,.0f} times its processor time; {found['differ']:.0f} scored otherwise", end="")
    print(f"; kernel from the cache {found['first']:.1f} s", flush=True)


def measured(case: str, options: argparse.Namespace) -> dict[str, float]:
    kind, vote, folds = CASES[case]
    data = random_logits() if kind == "random" else published(Path(options.data), kind, vote, folds)
    start = time.perf_counter()
    search(MemberValues(data.values[:3, :50], data.target[:50], data.fold[:50] * 0, BST), sizes=(2, 2))
    first = time.perf_counter() - start
    taken = []
    for _ in range(options.repeats):
        start, cpu = time.perf_counter(), time.process_time()
        scores = None if kind == "all" else search(data)
        if scores is None:
            two_phase(data)
        taken.append((time.perf_counter() - start, time.process_time() - cpu))
    seconds = [one for one, _ in taken]
    found = {
        "first": first,
        "subsets": len(Subsets(len(data))),
        "seconds": statistics.median(seconds),
        "least": min(seconds),
        "most": max(seconds),
        "cpu": statistics.median(cpu for _, cpu in taken),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if kind == "loop" and scores is not None:
        own = {"search": found["seconds"], "search_cpu": found["cpu"]}
        return found | own | looped(data, scores, options.loop)
    return found


def looped(data: MemberValues, scores: SubsetScores, count: int) -> dict[str, float]:
    """The plain loop over some subsets, beside the search of this process."""
    numbers = np.random.default_rng(1821).choice(len(scores.subsets), count, replace=False)
    chosen = [list(scores.subsets.members(number)) for number in numbers.tolist()]
    held = [data.fold == fold for fold in data.folds]
    members = [(data.values[:, rows].astype(np.float64), data.target[rows]) for rows in held]
    found = np.empty((count, 2, len(held)))
    start, cpu = time.perf_counter(), time.process_time()
    for place, subset in enumerate(chosen):
        for fold, (values, target) in enumerate(members):
            counts = confusion_matrix(target, values[subset].mean(axis=0).argmax(axis=1), BST.n_classes)
            found[place, :, fold] = accuracy(counts, BST), hierarchical_f1(counts, BST)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    ours = np.stack([scores.accuracy[numbers], scores.hierarchical_f1[numbers]], axis=1)
    return {
        "subsets": count,
        "seconds": seconds,
        "least": seconds,
        "most": seconds,
        "cpu": cpu,
        "whole": seconds / count * len(scores.subsets),
        "whole_cpu": cpu / count * len(scores.subsets),
        "differ": int((np.abs(ours - found).max(axis=(1, 2)) > 1e-6).sum()),
    }


def published(data: Path, kind: str, vote: str, folds: int) -> MemberValues:
    """Votes of the published runs; a fifth fold repeats rows."""
    folder = data / "bsd10k"
    with np.load(folder / "published_predictions_folds0to3.npz", allow_pickle=False) as archive:
        given = {name: archive[name] for name in archive.files}
    names = given["systems"].tolist()
    pool = [name for name in names if name.endswith("/both")]
    if kind != "all":
        pool = json.loads((folder / "published_pool_37.json").read_text(encoding="utf-8"))
    rows = np.flatnonzero(given["fold"] < 4)
    fold = given["fold"][rows].astype(np.int64)
    if folds == 5:
        more = np.random.default_rng(1821).choice(len(rows), ROWS - len(rows), replace=False)
        rows, fold = np.concatenate([rows, rows[more]]), np.concatenate([fold, np.full(len(more), 4)])
    places = [names.index(name) for name in pool]
    top = given["prediction"][places][:, rows].astype(np.int64)
    score = given["score_1e4"][places][:, rows] / 1e4
    return MemberValues(vote_values(top, score, BST.n_classes, vote=vote), given["target"][rows].astype(int), fold, BST)


def random_logits() -> MemberValues:
    """Members that agree on nothing: no row is decided and no class is out."""
    rng = np.random.default_rng(1821)
    values = rng.standard_normal((37, ROWS, BST.n_classes), dtype=np.float32)
    return MemberValues(values, rng.integers(BST.n_classes, size=ROWS), np.arange(ROWS) % 5, BST)


if __name__ == "__main__":
    main()
