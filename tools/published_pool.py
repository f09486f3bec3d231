"""Writes the published predictions of the audio-text report as one CSV per run, for `ensemble` and `evaluate`.

    python tools/published_pool.py DATA OUT [--all]

DATA is the folder of the development data. The files have the columns of the published ones (classes by key), and fold:
sound_id,ground_truth,prediction,prediction_score,fold. They are the 37 runs that the report's search drew from;
`--all` writes every multimodal and audio-only run with predictions. Folds 0-3; a run that lacks a fold is left out,
and named.
"""

import argparse
import csv
import json
from pathlib import Path

import numpy as np

COLUMNS = ("sound_id", "ground_truth", "prediction", "prediction_score", "fold")
UNKNOWN_FOLD = 4


def main() -> None:
    """Writes the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--all", action="store_true")
    given = parser.parse_args()
    with np.load(given.data / "bsd10k/published_predictions_folds0to3.npz", allow_pickle=False) as archive:
        found = {name: archive[name] for name in archive.files}
    pool = json.loads((given.data / "bsd10k/published_pool_37.json").read_text(encoding="utf-8"))
    systems, classes = found["systems"].tolist(), found["classes"].tolist()
    given.out.mkdir(parents=True, exist_ok=True)
    written, incomplete = 0, []
    for name in systems if given.all else pool:
        row = systems.index(name)
        held = np.flatnonzero(found["fold"] < UNKNOWN_FOLD)
        if (found["prediction"][row, held] < 0).any():
            incomplete.append(name)
            continue
        path = given.out / f"{name.replace('/both', '').replace('/', '_')}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            for clip in held:
                truth, said = classes[found["target"][clip]], classes[found["prediction"][row, clip]]
                score = f"{found['score_1e4'][row, clip] / 1e4:.4f}"
                writer.writerow([found["sound_id"][clip], truth, said, score, found["fold"][clip]])
        written += 1
    print(f"{written} runs of {len(held)} sounds: {given.out}" + "".join(f"\nno fold 0-3: {one}" for one in incomplete))


if __name__ == "__main__":
    main()
