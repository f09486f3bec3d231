"""Compares graph models with what must stand beside them on real collections, and writes docs/results.md.

    python tools/graph_results.py DATA OUT [--only youtube esc50 musiccaps bsd10k] [--jobs 2]

DATA is the folder of the development data; OUT keeps the runs, and what is done there is not done again. The text
between the two lines `<!-- graph COLLECTION -->` of docs/results.md is replaced. The first model of a collection is
run by `heterophony train`, which also leaves the answers of plain models; the others by `heterophony sweep`. Accuracy
in per cent and log-loss in nats are means over the folds, with 95 % bootstrap intervals (groups drawn whole where they
are known).
"""

import argparse
import csv
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from jaxtyping import Float64

from heterophony.metrics.resample import units_of
from heterophony.predictions import Predictions, pooled, softmax
from heterophony.predictions.run_folder import read_run, tree_of_run

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
DRAWS = 2000
MODELS = {"DM-GCN": "dm-gcn", "AT-GCN": "at-gcn", "Mean-GCN": "mean-gcn"}
CONTROLS = {
    "MLP": "mlp",
    "HATR": "hatr",
    "MLP, smoothed over the neighbours": "mlp-smoothed",
    "MLP, corrected and smoothed": "mlp-corrected-and-smoothed",
    "the first model, no edges in groups": "no-edges-in-groups",
}


@dataclass(frozen=True)
class Source:
    """A collection: its manifest, the vectors given for it, the views of its recipe."""

    manifest: Path
    features: tuple[str, ...]
    views: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--page", type=Path, default=PAGE, help="what the tables are written into")
    options = parser.parse_args()
    for name in options.only:
        source = SOURCES[name](options.data, options.out / f"{name}-data")
        tables = [
            f"{title}\n\n{table(name, source, protocol, options)}"
            for protocol, title in (("inductive", "Inductive"), ("transductive", "Transductive"))
        ]
        mark = f"<!-- graph {name} -->"
        before, found, rest = options.page.read_text(encoding="utf-8").partition(mark)
        if not found:
            sys.exit(f"{options.page} has no line {mark}")
        after = rest.partition(mark)[2]
        text = "\n".join(tables)
        options.page.write_text(f"{before}{mark}\n\n{text}\n{mark}{after}", encoding="utf-8")


def table(name: str, source: Source, protocol: str, options: argparse.Namespace) -> str:
    """The Markdown of one collection and protocol."""
    out = options.out / name / protocol
    recipes = write_recipes(name, source, protocol, options.out / "recipes" / name / protocol)
    (first, path), *others = recipes.items()
    common = ["--data", str(source.manifest), *(part for one in source.features for part in ("--features", one))]
    common += ["--jobs", str(options.jobs)]
    if not (out / path.stem / "model").is_dir():
        heterophony("train", str(path), *common, "--out", str(out / path.stem))
    if others:
        files = [str(path) for _, path in others]
        heterophony("sweep", *files, *common, "--out", str(out / "others"), "--score", "accuracy")
    lines = {first: of_run(out / path.stem)}
    lines |= {title: of_run(out / "others" / path.stem) for title, path in others}
    groups = groups_of(out / path.stem)
    for title, control in CONTROLS.items():
        files = sorted((out / path.stem).glob(f"fold_*/control_{control}.npz"))
        if files:
            lines[title] = pooled([Predictions.load(file) for file in files])
    head = "| model | accuracy | log-loss |\n|--|--|--|\n"
    rows = len(lines[first])
    few = {title: "" if len(said) == rows else f" (its {len(said):,} rows)" for title, said in lines.items()}
    return head + "".join(f"| {title}{few[title]} | {' | '.join(cells(lines[title], groups))} |\n" for title in lines)


def write_recipes(name: str, source: Source, protocol: str, folder: Path) -> dict[str, Path]:
    """Title to recipe file of the graph models, the one that `train` runs first."""
    folder.mkdir(parents=True, exist_ok=True)
    models = dict(MODELS) if len(source.views) > 1 else {}
    says = {title: {"model": {"name": model, "protocol": protocol}} for title, model in models.items()}
    for view in source.views:
        others = {other: None for other in source.views if other != view}
        says[f"GCN of {view}"] = {"model": {"name": "gcn", "protocol": protocol}, "modalities": others}
    paths = {}
    for title, raw in says.items():
        paths[title] = folder / f"{title.replace(' ', '-').lower()}.yaml"
        text = {"name": f"{name}-{paths[title].stem}-{protocol}", "extends": f"graph/measured/{name}", **raw}
        paths[title].write_text(yaml.safe_dump(text, sort_keys=False), encoding="utf-8")
    return paths


def heterophony(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "heterophony", *arguments], check=False)
    if done.returncode not in (0, 3):
        sys.exit(done.returncode)


def of_run(run: Path) -> Predictions:
    """The test predictions of all folds."""
    return pooled([Predictions.load(file) for file in sorted(run.glob("fold_*/predictions_test.npz"))])


def groups_of(run: Path) -> dict[str, str | None]:
    """Id to what it belongs to."""
    tree = tree_of_run(run)
    if tree is None:
        sys.exit(f"{run} has no tree")
    known = read_run(run, tree)
    return dict(zip(known.predictions.ids, known.groups, strict=True))


def cells(said: Predictions, groups: dict[str, str | None]) -> list[str]:
    """Accuracy and log-loss with their intervals."""
    truth = softmax(said.logits)[np.arange(len(said)), said.target]
    values = {1: -np.log(np.maximum(truth, 1e-15)), 100: said.logits.argmax(axis=1) == said.target}
    shown = []
    for scale, digits in ((100, 1), (1, 2)):
        mean, draws = bootstrap(values[scale].astype(np.float64), said, groups)
        low, high = np.quantile(draws, [0.025, 0.975])
        shown.append(f"{scale * mean:.{digits}f} [{scale * low:.{digits}f}, {scale * high:.{digits}f}]")
    return shown


def bootstrap(
    value: Float64[np.ndarray, " rows"], said: Predictions, groups: dict[str, str | None]
) -> tuple[float, Float64[np.ndarray, " draws"]]:
    """The mean over the folds of the mean over their rows: of the rows as they are, then of draws of units."""
    means, drawn = [], []
    for fold in np.unique(said.fold):
        rows = np.flatnonzero(said.fold == fold)
        units = units_of([groups.get(said.ids[row]) for row in rows])
        total, size = np.bincount(units, value[rows]), np.bincount(units)
        chosen = np.random.default_rng([0, int(fold)]).integers(len(size), size=(DRAWS, len(size)))
        means.append(value[rows].mean())
        drawn.append(total[chosen].sum(axis=1) / size[chosen].sum(axis=1))
    return float(np.mean(means)), np.mean(drawn, axis=0)


def youtube(data: Path, folder: Path) -> Source:
    """Scores of two networks, which add up to 50 in each film, as square roots of shares; transcripts as words."""
    folder.mkdir(parents=True, exist_ok=True)
    with np.load(data / "youtube_indoor" / "train.npz", allow_pickle=False) as archive:
        given = {name: archive[name] for name in archive.files}
    ids = [f"film{row:03}" for row in range(len(given["label"]))]
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["id", "label", "description"])
        rows = zip(ids, given["label"].tolist(), given["transcript"].tolist(), strict=True)
        writer.writerows((key, f"scene {label}", " ".join(said.split())) for key, label, said in rows)
    views = {"imagenet": "imagenet_scores", "places": "places365_scores"}
    roots = {view: np.sqrt(np.maximum(given[key], 0) / 50).astype(np.float32) for view, key in views.items()}
    np.savez(folder / "views.npz", allow_pickle=False, ids=np.array(ids), **roots)
    features = tuple(f"{view}={folder / 'views.npz'}:{view}" for view in views)
    return Source(folder / "manifest.csv", features, ("imagenet", "places", "words"))


def musiccaps(data: Path, folder: Path) -> Source:
    collect = Path(__file__).with_name("musiccaps_manifest.py")
    subprocess.run([sys.executable, str(collect), str(data), str(folder)], check=True)
    return Source(folder / "manifest.csv", (f"sound={folder / 'vggish.npz'}",), ("sound", "words"))


SOURCES = {
    "youtube": youtube,
    "esc50": lambda data, _: Source(data / "esc50_folds1to3" / "manifest.csv", (), ("sound", "words")),
    "musiccaps": musiccaps,
    "bsd10k": lambda data, _: Source(data / "bsd10k" / "metadata_v1.0_dev.csv", (), ("words",)),
}


if __name__ == "__main__":
    main()
