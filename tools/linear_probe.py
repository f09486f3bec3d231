"""How much an embedding says by itself: logistic regression on it, fold by fold.

    heterophony embed MANIFEST --encoder NAME --encoder OTHER -o vectors.npz
    python tools/linear_probe.py MANIFEST vectors.npz [NAME] [OTHER] [NAME+OTHER] ...

The manifest has the columns `label` and `fold`; without folds there are five, stratified, seed 1821. Each fold is
tested once on a regression of standardised coordinates fitted to the others; its penalty is chosen inside
those others, fold by fold, so that no tested clip chooses anything. Printed: accuracy in per cent, mean ± population
standard deviation over the folds. `A+B` puts the numbers of both beside each other.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from heterophony.clips import read_manifest, stratified_split
from heterophony.encoders.linear_prior import LinearPrior

STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("vectors", type=Path)
    parser.add_argument("views", nargs="*", help="[default: each view of the file]")
    parser.add_argument("--also", type=Path, help="a file with more views of the same clips, in the same order")
    options = parser.parse_args()
    found = {}
    for path in filter(None, (options.also, options.vectors)):
        with np.load(path, allow_pickle=False) as file:
            found |= {name: file[name] for name in file.files}
    clips = {clip.id: clip for clip in read_manifest(options.manifest)}
    rows = [row for row, name in enumerate(found["ids"]) if clips[str(name)].label is not None]
    kept = [clips[str(found["ids"][row])] for row in rows]
    target = np.unique([clip.label for clip in kept], return_inverse=True)[1]
    given = all(clip.fold for clip in kept)
    fold = np.unique([str(clip.fold) for clip in kept], return_inverse=True)[1] if given else stratified(target)
    for view in options.views or [name for name in found if name not in ("ids", "status")]:
        table = np.concatenate([found[name][rows] for name in view.split("+")], axis=1)
        lacking = np.isnan(table).any(axis=1)
        if lacking.any():
            sys.exit(f"{view}: {int(lacking.sum())} of {len(table)} clips lack it; embed a manifest that is whole")
        scores = 100 * np.array([probe(table, target, fold, test) for test in np.unique(fold)])
        print(f"{view:40} {table.shape[1]:5} numbers  {scores.mean():.1f} ± {scores.std():.1f}", flush=True)


def stratified(target: np.ndarray) -> np.ndarray:
    return stratified_split(target.tolist(), folds=5, seed=1821).fold


def probe(table: np.ndarray, target: np.ndarray, fold: np.ndarray, test: int) -> float:
    """Accuracy on the fold `test`, 0 to 1."""
    others = fold != test
    inner = np.unique(fold[others])
    chosen = STRENGTHS[0]
    if len(inner) > 1:
        means = [np.mean([score(table, target, others & (fold != k), fold == k, c) for k in inner]) for c in STRENGTHS]
        chosen = STRENGTHS[int(np.argmax(means))]
    return score(table, target, others, ~others, chosen)


def score(table: np.ndarray, target: np.ndarray, train: Sequence[bool], test: Sequence[bool], c: float) -> float:
    prior = LinearPrior.fit(table[train], target[train], int(target.max()) + 1, c)
    return float((prior.log_prior(table[test]).argmax(axis=1) == target[test]).mean())


if __name__ == "__main__":
    main()
