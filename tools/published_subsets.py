"""What a search over all subsets finds on the published BSD10k runs, and what that is worth on a fold it has not seen.

    python tools/published_subsets.py DATA

DATA holds the published predictions (bsd10k/published_predictions_folds0to3.npz) and the names of the 37 runs. Printed
for each kind of vote, in percent of hierarchical F1: the best of the 510,378 subsets of 2 to 5 runs, the audio-text
report's procedure, both nested, the mean of the 100 and 1,000 best nested, subsets of five that nobody chose, and how
the scores of the subsets correlate between the two halves of the folds.
"""

import json
import sys
from math import comb
from pathlib import Path

import numpy as np

from heterophony.ensemble.exhaustive import SubsetScores, best, search
from heterophony.ensemble.member_values import MemberValues
from heterophony.ensemble.nested_choice import Choose, by_f1, by_two_phases, nested_choice
from heterophony.ensemble.two_phase import two_phase
from heterophony.ensemble.vote_values import VOTES, vote_values
from heterophony.taxonomy import BST

HALVES = (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2)))


def main() -> None:
    folder = Path(sys.argv[1]) / "bsd10k"
    names = json.loads((folder / "published_pool_37.json").read_text(encoding="utf-8"))
    for vote in VOTES:
        data = votes(folder, names, vote)
        tell(vote, names, data, search(data))


def votes(folder: Path, names: list[str], vote: str) -> MemberValues:
    with np.load(folder / "published_predictions_folds0to3.npz", allow_pickle=False) as archive:
        given = {name: archive[name] for name in archive.files}
    rows = np.flatnonzero(given["fold"] < 4)
    places = [given["systems"].tolist().index(name) for name in names]
    top, score = given["prediction"][places][:, rows].astype(int), given["score_1e4"][places][:, rows] / 1e4
    fold = given["fold"][rows].astype(int)
    return MemberValues(vote_values(top, score, BST.n_classes, vote=vote), given["target"][rows].astype(int), fold, BST)


def tell(vote: str, names: list[str], data: MemberValues, scores: SubsetScores) -> None:
    of_folds = 100 * scores.hierarchical_f1.astype(np.float64)
    means = of_folds.mean(axis=1)

    def named(number: int) -> str:
        members = ", ".join(names[member].removesuffix("/both") for member in scores.subsets.members(number))
        return f"{means[number]:.2f} +- {of_folds[number].std():.2f} ({members})"

    print(f"{vote}: best in sample {named(int(best(scores.hierarchical_f1)[0]))}")
    print(f"  accuracy first, in sample {named(int(by_two_phases()(scores)[0]))}")
    grown = two_phase(data).best
    print(f"  and grown {100 * grown.mean:.2f} ({', '.join(names[member] for member in grown.members)})")
    ways: dict[str, Choose] = {
        "accuracy first": by_two_phases(),
        "best F1": by_f1(),
        "100 best": by_f1(100),
        "1,000 best": by_f1(1000),
    }
    for way, choose in ways.items():
        got = nested_choice(scores, choose)
        held = 100 * got.held_out
        print(f"  nested, {way}: {100 * got.in_sample.mean():.2f} -> {held.mean():.2f} +- {held.std():.2f}")
    for size in scores.subsets.sizes:
        start = sum(comb(len(data), smaller) for smaller in range(2, size))
        part = of_folds[start : start + comb(len(data), size)]
        alike = [np.corrcoef(part[:, a].mean(axis=1), part[:, b].mean(axis=1))[0, 1] for a, b in HALVES]
        mean, spread = part.mean(), part.mean(axis=1).std()
        print(
            f"  all of size {size}: {mean:.2f} (sd {spread:.2f}), correlations {', '.join(f'{r:.2f}' for r in alike)}"
        )


if __name__ == "__main__":
    main()
