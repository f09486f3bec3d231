"""Writes the manifest that `bst-base` is trained on, out of the development data.

    python tools/bst_base_manifest.py DATA OUT.csv

What goes in, and what stays out:

* words: BSD10k v1.0 metadata (human labels), titles and tags. Left out: sounds whose licence is not CC0 or CC BY.
* sound: hetero_dev (labels from a folder-level map), recordings only: its words give the label away. Left out: sources
  whose licence forbids commercial use or is not stated exactly (`CLOSED`), and the clips with a human BST label: they
  are kept for testing, in the words too.
  A whole source is one group, so that the folds say how the model does on sounds from elsewhere.
* both: the ESC-10 clips among them (CC BY) get the title that their uploader gave on Freesound, from the manifest of
  ESC-50 (titles only, no labels).
"""

import csv
import sys
from pathlib import Path

OPEN = ("creativecommons.org/licenses/by/", "creativecommons.org/publicdomain/zero/")
CLOSED = {
    "us8k": "CC BY-NC",
    "dirt": "not stated",
    "tdm": "not stated",
    "cleanbreaks": "not stated",
    "animals": "not stated",
    "noice": "some Creative Commons licence, not stated which",
    "blanket": "some Creative Commons licence, not stated which",
    "ibm": "some Creative Commons licence, not stated which",
}
COLUMNS = ("id", "file_name", "label", "title", "tags", "uploader", "source", "license")


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def words(data: Path, kept_for_testing: set[str]) -> list[tuple[str, ...]]:
    """Rows that have only words."""
    found = []
    for row in rows(data / "bsd10k/metadata_v1.0_dev.csv"):
        if any(part in row["license"] for part in OPEN) and row["sound_id"] not in kept_for_testing:
            name = f"bsd10k:{row['sound_id']}"
            found.append((name, "", row["class"], row["title"], row["tags"], row["uploader"], "bsd10k", row["license"]))
    return found


def sounds(data: Path, hetero: list[dict[str, str]]) -> list[tuple[str, ...]]:
    """Rows that have a recording, some of them a title."""
    esc = rows(data / "esc50_folds1to3/manifest.csv")
    titles = {row["freesound_id"]: row["title"] for row in esc}
    found = []
    for row in hetero:
        if row["source"] in CLOSED or row["bst_human_label"]:
            continue
        path = (data / "hetero_dev" / row["file_name"]).resolve()
        title = titles.get(row["freesound_id"], "") if row["source"] == "esc10" else ""
        name = f"hetero:{path.stem}"
        found.append(
            (name, str(path), row["label"], title, "", f"source {row['source']}", row["source"], row["licence"])
        )
    return found


def main() -> None:
    """Writes the manifest and says what is in it."""
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    hetero = rows(data / "hetero_dev/manifest.csv")
    kept_for_testing = {row["freesound_id"] for row in hetero if row["bst_human_label"]}
    read, heard = words(data, kept_for_testing), sounds(data, hetero)
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(read + heard)
    both = sum(1 for row in heard if row[3])
    print(f"{len(read)} rows with words, {len(heard)} with a recording, {both} of these with a title: {out}")


if __name__ == "__main__":
    main()
