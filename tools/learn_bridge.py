"""Learns P(BST class | AudioSet class) from sounds that carry both labels, for `encoders.bridged_prior`.

    python tools/learn_bridge.py DATA src/heterophony/encoders/bridges/audioset-bst.csv

DATA is the folder of the development data; used are `bsd10k/metadata_v1.0_dev.csv` (human BST labels, CC BY 4.0),
`bsd10k/audioset_candidates_dev.csv` (AudioSet labels of the same sounds, CC BY) and
`audioset_vggish/audioset_to_bst_rule.csv` (our own map, one BST class per AudioSet class).

Few AudioSet classes have candidates, so the counts are shrunk in two steps (empirical Bayes)::

    P(c | k) = (n_kc + 5 Q(c | rule(k))) / (n_k + 5)            n: candidates of AudioSet class k
    Q(c | r) = (m_rc + 200 R(c | r)) / (m_r + 200)              m: candidates of all k whose rule is r
    R(c | r) = 0.95 [c = r] + 0.05 / 23
"""

import csv
import sys
from pathlib import Path

import numpy as np

from heterophony.encoders import audioset_classes
from heterophony.taxonomy import BST

OWN, RULE, SLACK = 5.0, 200.0, 0.05


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def learn(data: Path) -> dict[str, np.ndarray]:
    """AudioSet mid to P(BST class)."""
    label = {row["sound_id"]: BST.index(row["class"]) for row in rows(data / "bsd10k/metadata_v1.0_dev.csv")}
    rule = {row["mid"]: BST.index(row["bst_rule"]) for row in rows(data / "audioset_vggish/audioset_to_bst_rule.csv")}
    own = {one.mid: np.zeros(BST.n_classes) for one in audioset_classes()}
    for row in rows(data / "bsd10k/audioset_candidates_dev.csv"):
        if row["audioset_mid"] in own:
            own[row["audioset_mid"]][label[row["sound_id"]]] += 1
    by_rule = np.zeros((BST.n_classes, BST.n_classes))
    for mid, counts in own.items():
        by_rule[rule[mid]] += counts
    stated = (1 - SLACK) * np.eye(BST.n_classes) + SLACK / BST.n_classes
    by_rule = (by_rule + RULE * stated) / (by_rule.sum(axis=1, keepdims=True) + RULE)
    return {mid: (counts + OWN * by_rule[rule[mid]]) / (counts.sum() + OWN) for mid, counts in own.items()}


def main() -> None:
    """Writes the table."""
    data, out = map(Path, sys.argv[1:])
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("mid", *BST.classes))
        writer.writerows((mid, *(f"{p:.5f}" for p in row)) for mid, row in learn(data).items())


if __name__ == "__main__":
    main()
