"""Trains on videos whose class needs both ear and eye: sound alone, pictures alone, both; writes docs/results.md.

    python tools/ear_and_eye.py DATA OUT [--seed 1821] [--threads 1] [--page FILE]

DATA is the folder of the development data; OUT keeps the videos (`ear_and_eye_videos.py` makes them), the recipes and
the runs, and what is done there is not done again. `heterophony scenes` then watches all test videos in a row. The text
between the two lines `<!-- ear and eye -->` of the page is replaced; `OUT/result.json` has the numbers.
"""

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from heterophony.predictions import Predictions

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
MARK = "<!-- ear and eye -->"
SOUND = {"epochs": 40, "batch": 8, "lr": 1e-3, "schedule": "cosine", "validation": "train"}
PICTURES = {"epochs": 8, "batch": 8, "lr": 3e-3, "schedule": "cosine", "validation": "train"}
RECIPES: dict[str, dict[str, Any]] = {
    "sound": {
        "modalities": {"sound": {"encoder": "fcnn-small"}},
        "model": {"name": "mlp", "hidden": []},
        "joint": {"branches": {"sound": {"start": "scratch"}}},
        "fit": SOUND,
    },
    "pictures": {
        "modalities": {"pictures": {"encoder": "efficientnet-lite0"}},
        "joint": {"branches": {"pictures": {"frozen": True}}},
        "fit": PICTURES,
    },
    "both": {
        "modalities": {"sound": {"encoder": "fcnn-small"}, "pictures": {"encoder": "efficientnet-lite0"}},
        "joint": {"branches": {"sound": {"start": "scratch", "lr": 1e-5}, "pictures": {"frozen": True}}},
        "stages": [{"of": "sound", "fit": {**SOUND, "validation": "choose"}}],
        "fit": PICTURES,
    },
}
SHARED = {
    "model": {"name": "mlp", "hidden": [64], "dropout": 0.2, "norm": True},
    "augment": [],
    "split": {"kind": "given"},
}
TITLES = {"sound": "sound alone", "pictures": "pictures alone", "both": "both"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1821, help="of the videos")
    parser.add_argument("--threads", type=int, default=1, help="of the training; more are slower on a busy machine")
    parser.add_argument("--page", type=Path, default=PAGE, help="what the table is written into")
    options = parser.parse_args()
    before, found, rest = options.page.read_text(encoding="utf-8").partition(MARK)
    if not found:
        sys.exit(f"{options.page} has no line {MARK}")
    videos = options.out / "data"
    if not (videos / "row.csv").is_file():  # what is written last
        maker = Path(__file__).with_name("ear_and_eye_videos.py")
        seed = ["--seed", str(options.seed)]
        subprocess.run([sys.executable, str(maker), str(options.data), str(videos), *seed], check=True)
    result = {name: trained(name, options.out, options.threads) for name in RECIPES}
    result["scenes"] = watched(options.out)
    (options.out / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    text = told(result)
    print(text)
    options.page.write_text(f"{before}{MARK}\n\n{text}\n{MARK}{rest.partition(MARK)[2]}", encoding="utf-8")


def trained(name: str, out: Path, threads: int) -> dict[str, float]:
    """Trains a recipe; the shares of test videos whose class, kind of sound, kind of picture it finds."""
    recipe, run = out / "recipes" / f"{name}.yaml", out / name
    recipe.parent.mkdir(parents=True, exist_ok=True)
    recipe.write_text(yaml.safe_dump({"name": f"ear-and-eye-{name}", **SHARED, **RECIPES[name]}), encoding="utf-8")
    if not (run / "metrics.json").is_file():
        data = ["--data", str(out / "data" / "manifest.csv"), "--store", str(out / "store")]
        heterophony("train", str(recipe), *data, "--fold", "0", "--threads", str(threads), "--out", str(run))
    said = Predictions.load(run / "fold_0" / "predictions_test.npz")
    best, target = (
        [said.classes[at].split(" and ") for at in some.tolist()] for some in (said.logits.argmax(1), said.target)
    )
    right = np.array(best) == np.array(target)
    shares = {"class": right.all(axis=1), "sound": right[:, 0], "picture": right[:, 1]}
    return {"videos": len(said), **{key: float(some.mean()) for key, some in shares.items()}}


def watched(out: Path) -> dict[str, float]:
    """Runs the model of both on the row of videos; the shares of seconds that are right: all, away from the cuts."""
    track, row = out / "row.scenes.csv", out / "data" / "row.mp4"
    heterophony("scenes", str(row), "--model", str(out / "both" / "fold_0"), "--context", "3", "-o", str(track))
    truth, heard = read(row.with_suffix(".csv")), read(track)
    seconds = range(int(truth[-1]["end"]))
    right = np.array([label_at(heard, second + 0.5) == label_at(truth, second + 0.5) for second in seconds])
    cuts = {int(one["start"]) for one in truth[1:]}
    away = np.array([second not in cuts and second + 1 not in cuts for second in seconds])
    return {"seconds": len(right), "all": float(right.mean()), "away": float(right[away].mean()), "cuts": len(cuts)}


def label_at(segments: list[dict[str, str]], time: float) -> str:
    return next((one["label"] for one in segments if float(one["start"]) <= time < float(one["end"])), "")


def told(result: dict[str, dict[str, float]]) -> str:
    """The Markdown."""
    lines = ["| trained on | class | kind of sound | kind of picture |", "|--|--|--|--|"]
    for name, title in TITLES.items():
        shares = " | ".join(f"{100 * result[name][key]:.1f}" for key in ("class", "sound", "picture"))
        lines.append(f"| {title} | {shares} |")
    row = result["scenes"]
    said = (
        f"Shares of {result['both']['videos']:.0f} test videos in per cent. All of them in a row, {row['seconds']:.0f} "
        f"seconds with {row['cuts']:.0f} cuts, second by second: {100 * row['all']:.1f} % of the seconds are right, "
        f"{100 * row['away']:.1f} % of those that touch no cut."
    )
    return "\n".join([*lines, "", said, ""])


def heterophony(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "heterophony", *arguments], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


if __name__ == "__main__":
    main()
