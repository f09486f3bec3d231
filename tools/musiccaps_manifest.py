"""Makes a collection of MusicCaps' training part: a manifest with one genre per clip, and VGGish vectors beside it.

    python tools/musiccaps_manifest.py DATA OUT

DATA is the folder of the development data, OUT gets `manifest.csv` (id, label, description: the caption) and
`vggish.npz` (ids; sound: mean and standard deviation over the ten seconds, 256 numbers).

Clips have several AudioSet labels. Genres are the classes 216 (pop music) to 265 (independent music) of that ontology;
the 25 that most clips have are the classes, and a clip takes part if it has exactly one of them. That one is its label.
"""

import csv
import sys
from collections import Counter
from pathlib import Path

import numpy as np

GENRES = range(216, 266)
CLASSES = 25


def main() -> None:
    data, out = Path(sys.argv[1]) / "audioset_vggish", Path(sys.argv[2])
    names = {int(row["index"]): row["display_name"] for row in read(data / "class_labels_indices.csv")}
    rows = read(data / "musiccaps_text_train.csv")
    genres = [[int(label) for label in row["labels"].split() if int(label) in GENRES] for row in rows]
    counts = Counter(label for labels in genres for label in labels)
    kept = {label for label, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:CLASSES]}
    chosen = [
        (at, row, only[0])
        for at, (row, labels) in enumerate(zip(rows, genres, strict=True))
        if len(only := [label for label in labels if label in kept]) == 1
    ]
    with np.load(data / "musiccaps_vggish_train.npz", allow_pickle=False) as archive:
        ids, features = archive["ytid"], archive["X"].astype(np.float32) / 255
    order = {name: at for at, name in enumerate(ids.tolist())}
    vectors = features[[order[row["ytid"]] for _, row, _ in chosen]]
    out.mkdir(parents=True, exist_ok=True)
    with (out / "manifest.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["id", "label", "description"])
        writer.writerows((row["ytid"], names[label], row["caption"]) for _, row, label in chosen)
    sound = np.concatenate([vectors.mean(axis=1), vectors.std(axis=1)], axis=1)
    np.savez(out / "vggish.npz", allow_pickle=False, ids=np.array([row["ytid"] for _, row, _ in chosen]), sound=sound)
    print(f"{len(chosen)} of {len(rows)} clips in {CLASSES} genres: {counts_of(chosen, names)}")


def counts_of(chosen: list[tuple[int, dict[str, str], int]], names: dict[int, str]) -> str:
    counts = Counter(names[label] for _, _, label in chosen)
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


if __name__ == "__main__":
    main()
