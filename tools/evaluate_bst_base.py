"""Scores a model on the clips of hetero_dev that have a human BST label, with and without their words.

    python tools/evaluate_bst_base.py DATA [MODEL]

These clips (35, cut from 13 sounds) are kept out of the training of bst-base, words and all. Beside the model stand the
majority class of BSD10k, the majority class of the 35 themselves, and the AudioSet bridge alone.
"""

import csv
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from heterophony.clips import Clip, read_manifest
from heterophony.encoders.bridged_prior import cross, read_bridge
from heterophony.recipes.classify import classify
from heterophony.recipes.model_folder import load_model
from heterophony.store import embed_clips
from heterophony.taxonomy import BST


def say(name: str, truth: list[str], said: list[str]) -> None:
    """Prints accuracy on both levels."""
    right = np.mean([a == b for a, b in zip(truth, said, strict=True)])
    top = np.mean([BST.top(a) == BST.top(b) for a, b in zip(truth, said, strict=True)])
    print(f"{name:45s} class {100 * right:5.1f} %   top level {100 * top:5.1f} %")


def without_words(clip: Clip) -> Clip:
    """The clip as if nobody had written anything about it."""
    return replace(clip, title=None, tags=None, description=None)


def main() -> None:
    """Prints the table."""
    data = Path(sys.argv[1])
    model = load_model(sys.argv[2] if len(sys.argv) > 2 else "bst-base")
    clips = [clip for clip in read_manifest(data / "hetero_dev/manifest.csv") if clip.columns["bst_human_label"]]
    truth = [clip.columns["bst_human_label"] for clip in clips]
    with (data / "bsd10k/metadata_v1.0_dev.csv").open(encoding="utf-8", newline="") as stream:
        frequent = Counter(row["class"] for row in csv.DictReader(stream)).most_common(1)[0][0]
    say(f"majority class of BSD10k ({frequent})", truth, [frequent] * len(truth))
    own = Counter(truth).most_common(1)[0][0]
    say(f"majority class of these clips ({own})", truth, [own] * len(truth))
    heard = embed_clips(clips, {"sound": "yamnet+scores:mean+max"}, words="none")
    crossed = cross(read_bridge("audioset-bst", BST.classes), np.stack([one.vectors["sound"] for one in heard]))
    say("AudioSet bridge alone", truth, [BST.classes[row] for row in crossed.argmax(axis=1)])
    for name, rows in (
        ("model, sound only", classify([without_words(clip) for clip in clips], model, use_words=False)),
        ("model, sound and words", classify(clips, model)),
        ("model, words only", classify([replace(clip, path=None) for clip in clips], model)),
    ):
        say(name, truth, [row.class_ or "" for row in rows])


if __name__ == "__main__":
    main()
