"""Trains sound and picture encoders together on the tuxpaint stamps, with every augmentation, and writes a table.

    python tools/joint_results.py DATA OUT [--device cuda] [--jobs 2] [--seeds 2] [--only base audio video mixup graph]

DATA is the folder of the development data; OUT keeps a run for each recipe, fold and seed, and what is done there is
not done again. 1,056 spoken names and effects with the pictures they belong to, 16 categories, three folds that keep
the rows of a stamp together. For each fold and seed both encoders are trained alone first (`sound`, `pictures`); every
other recipe goes on from the encoders of that fold and seed, as the joint modelling paper does: it differs from `both`
in what its name says. Nothing was tuned here. The text between the two lines `<!-- joint tuxpaint -->` of
docs/results.md is replaced by what is in OUT.
"""

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from heterophony.augment.picture_operations import NAMES
from heterophony.clips import Found, read_manifest
from heterophony.metrics import evaluate
from heterophony.predictions import Predictions
from heterophony.predictions.run_folder import tree_of_run
from heterophony.recipes.collection import Collection, Sources, Work, with_given
from heterophony.recipes.joint_rows import open_joining
from heterophony.recipes.load import as_recipe
from heterophony.recipes.spec import Recipe
from heterophony.recipes.train import train
from heterophony.store import Store

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
MARK = "<!-- joint tuxpaint -->"
FOLDS = 3
WAVEFORMS = ("pitch-shift", "speed-change", "additive-noise", "same-class-mix")
SCORES = ("accuracy", "macro_f1", "log_loss")
ALONE = {
    "sound": {"epochs": 40, "batch": 32, "lr": 1e-3, "schedule": "cosine", "patience": 15},
    "pictures": {"epochs": 12, "batch": 32, "lr": 1e-4, "schedule": "cosine", "patience": 5},
}
TOGETHER = {"epochs": 12, "batch": 32, "lr": 1e-3, "schedule": "cosine", "patience": 5}
ENCODERS = {"sound": "fcnn-small", "pictures": "efficientnet-lite0"}
Changes = Sequence[dict[str, Any]]
LIGHT = "both, pictures as published"
RATE = 5e-5
"""Of the encoders in the joint stage."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--jobs", type=int, default=2, help="runs side by side")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--page", type=Path, default=PAGE, help="what the table is written into")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    write_manifest(options.data / "tuxpaint", options.out / "tuxpaint.csv")
    decode_all(options.out, options.jobs)
    draws = [(seed, fold) for seed in range(options.seeds) for fold in range(FOLDS)]
    first = [("base", name, *draw) for draw in draws for name in ALONE if set(options.only) - {"light", "graph"}]
    # one seed for each single operation on pictures: there are fifteen of them
    then = [
        (part, name, seed, fold)
        for seed, fold in draws
        for part in options.only
        for name in PARTS[part]()
        if name not in ALONE and (part != "operations" or seed == 0)
    ]
    graphs = [one for one in then if one[0] == "graph"]
    for jobs in (first, [one for one in then if one[0] != "graph"], graphs):
        run_all(jobs, options)
    write_page(options.page, list(results(options.out)))


def run_all(jobs: list[tuple[str, str, int, int]], options: argparse.Namespace) -> None:
    """Runs what is not there yet, several side by side."""
    arguments = [(job, str(options.out), options.device) for job in jobs if not scores_of(options.out, job).is_file()]
    with ProcessPoolExecutor(max(1, options.jobs), mp_context=get_context("spawn")) as pool:
        for number, line in enumerate(pool.map(run_one, arguments), 1):
            sys.stderr.write(f"{number}/{len(arguments)} {line}\n")


def scores_of(out: Path, job: tuple[str, str, int, int]) -> Path:
    _, name, seed, fold = job
    return out / "runs" / f"{name}-seed{seed}-fold{fold}" / "scores.json"


def run_one(argument: tuple[tuple[str, str, int, int], str, str]) -> str:
    """One recipe, fold and seed; leaves its scores. A run that was killed goes on."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    job, out, device = argument[0], Path(argument[1]), argument[2]
    part, name, seed, fold = job
    path = scores_of(out, job)
    recipe, features = recipe_of(job, out)
    begun, where = (path.parent / "recipe.yaml").is_file(), "cpu" if part == "graph" else device
    train(recipe, sources_of(out, features), path.parent, folds=[fold], resume=begun, device=where, threads=1)
    tree = tree_of_run(path.parent)
    assert tree is not None
    test = Predictions.load(path.parent / f"fold_{fold}" / "predictions_test.npz")
    scores = evaluate(test.logits, test.target, tree)
    path.write_text(json.dumps({"part": part, "name": name, "seed": seed, "fold": fold, **scores}), encoding="utf-8")
    return f"{name} seed {seed} fold {fold}: accuracy {scores['accuracy']:.3f}"


def recipe_of(job: tuple[str, str, int, int], out: Path) -> tuple[Recipe, dict[str, str]]:
    """The recipe of a run, from the encoders of its fold and seed, and the vectors that are given to it."""
    part, name, seed, fold = job
    raw: dict[str, Any] = PARTS[part]()[name]
    features = {}
    for modality, spec in raw["modalities"].items():
        if part == "graph":
            run = scores_of(out, ("light", LIGHT, seed, fold)).parent
            features[modality] = f"{run}/fold_{fold}/embeddings.npz:{modality}"
        elif name not in (*ALONE, LIGHT):
            run = scores_of(out, ("base", modality, seed, fold)).parent
            spec["encoder"] += f"@{(run / f'fold_{fold}' / f'encoder_{modality}.safetensors').resolve()}"
    return with_given(as_recipe({**raw, "name": name, "seed": 1821 + seed}), features), features


def sources_of(out: Path, features: dict[str, str], workers: int = 0) -> Sources:
    clips = Found(tuple(read_manifest(out / "tuxpaint.csv")))
    return Sources(
        own=Collection(found=clips, features=features), work=Work(store=Store(out / "store"), workers=workers)
    )


def decode_all(out: Path, workers: int) -> None:
    """What the runs are trained on, once, before they start side by side."""
    for sound, pictures in ((True, False), (False, True), (True, True)):
        raw = both()
        for name, wanted in (("sound", sound), ("pictures", pictures)):
            if not wanted:
                del raw["modalities"][name], raw["joint"]["branches"][name]
        raw["joint"]["branches"] = {name: {"start": "scratch"} for name in raw["modalities"]}
        open_joining(as_recipe({**raw, "name": "decoded"}), sources_of(out, {}, workers))


def both(sound: Changes = (), pictures: Changes = (), augment: Changes = (), level: str = "input") -> dict[str, Any]:
    """Both encoders together, as plain data: what is done to the sound, the pictures, the batches."""
    return {
        "modalities": {name: {"encoder": encoder} for name, encoder in ENCODERS.items()},
        "model": {"name": "mlp", "hidden": [512, 128, 64], "norm": True, "dropout": 0.2},
        "joint": {
            "branches": {
                "sound": {"augment": list(sound), "lr": RATE},
                "pictures": {"augment": list(pictures), "lr": RATE},
            },
            "level": level,
        },
        "augment": list(augment),
        "split": {"kind": "grouped", "folds": FOLDS},
        "fit": TOGETHER,
    }


def alone(modality: str, start: str) -> dict[str, Any]:
    """One encoder, with a linear layer behind it."""
    return {
        "modalities": {modality: {"encoder": ENCODERS[modality]}},
        "model": {"name": "mlp", "hidden": []},
        "joint": {"branches": {modality: {"start": start}}},
        "augment": [],
        "split": {"kind": "grouped", "folds": FOLDS},
        "fit": ALONE[modality],
    }


def base() -> dict[str, dict[str, Any]]:
    return {"sound": alone("sound", "scratch"), "pictures": alone("pictures", "published"), "both": both()}


def audio() -> dict[str, dict[str, Any]]:
    waveforms = {name: both(sound=[{"name": "one-of", "of": [{"name": name}]}]) for name in WAVEFORMS}
    spectrograms = {name: both(sound=[{"name": name}]) for name in ("spec-augment", "channel-confusion")}
    return {**waveforms, **spectrograms, "all of sound": both(sound=all_of_sound())}


def all_of_sound() -> list[dict[str, Any]]:
    waveforms = {"name": "one-of", "of": [{"name": name} for name in WAVEFORMS]}
    return [waveforms, {"name": "spec-augment"}, {"name": "channel-confusion"}]


def video() -> dict[str, dict[str, Any]]:
    policy = [{"name": "rand-augment"}]
    return {"of pictures": both(pictures=policy), "of both": both(pictures=policy, sound=all_of_sound())}


def operations() -> dict[str, dict[str, Any]]:
    """Each alone, at half of the pictures: the trials behind the policy of the paper."""
    return {
        f"{name} alone": both(
            pictures=[{"name": "rand-augment", "operations": [name], "n": 1, "probability": 0.5, "magnitude": 14.0}]
        )
        for name in sorted(set(NAMES) - {"identity"})
    }


def mixup() -> dict[str, dict[str, Any]]:
    def mixed(fraction: float, level: str = "input") -> dict[str, Any]:
        one = {"name": "mixup", "ratio": 0.4, "fraction": fraction, "partner": "other"}
        return both(pictures=[{"name": "rand-augment"}], sound=all_of_sound(), augment=[one], level=level)

    rows = {f"of both, mixup of {round(100 * part)} %": mixed(part) for part in (0.2, 0.5, 1.0)}
    return {**rows, "of both, mixup of 20 % of the vectors": mixed(0.2, "embedding")}


def light() -> dict[str, dict[str, Any]]:
    """What two cores can do: few epochs, by ear first, the picture encoder left as it was published."""
    raw = both(sound=all_of_sound())
    raw["joint"]["branches"]["sound"]["start"] = "scratch"
    raw["joint"]["branches"]["pictures"] = {"frozen": True}
    raw["stages"] = [{"of": "sound", "fit": {**ALONE["sound"], "epochs": 15}}]
    return {LIGHT: {**raw, "fit": {**TOGETHER, "epochs": 6}}}


def graph() -> dict[str, dict[str, Any]]:
    """On the vectors of `light`, made by the fold's own encoders: its training rows taught them."""
    vectors = {"sound": {"encoder": "given"}, "pictures": {"encoder": "given"}}
    common = {"modalities": vectors, "split": {"kind": "grouped", "folds": FOLDS}, "augment": []}
    fit = {"epochs": 200, "batch": 64, "lr": 5e-3, "weight_decay": 1e-5, "schedule": "constant", "patience": 40}
    rows = {
        f"{name} of the vectors": {**common, "model": {"name": name, "k": 20}, "fit": fit}
        for name in ("dm-gcn", "mean-gcn", "at-gcn")
    }
    plain = {"epochs": 100, "batch": 64, "lr": 1e-3}
    return {**rows, "mlp of the vectors": {**common, "model": {"name": "mlp"}, "fit": plain}}


PARTS = {
    "base": base,
    "audio": audio,
    "video": video,
    "mixup": mixup,
    "light": light,
    "graph": graph,
    "operations": operations,
}


def write_manifest(source: Path, path: Path) -> None:
    """The stamps as a collection: a sound, its picture, its category; the rows of a stamp are a group."""
    with (source / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "file_name", "pictures_file_name", "label", "group"])
        for row in rows:
            files = [str((source / row[kind]).resolve()) for kind in ("audio", "image")]
            table.writerow([f"{row['stamp']}:{Path(row['audio']).stem}", *files, row["category"], row["stamp"]])


def results(out: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(out.glob("runs/*/scores.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def difference(some: list[dict[str, Any]], base: dict[tuple[int, int], float]) -> str:
    """Mean difference of the accuracy to that of `both`, over the folds and seeds that both have."""
    pairs = [(one["accuracy"], base.get((one["seed"], one["fold"]))) for one in some]
    apart = 100 * np.array([mine - theirs for mine, theirs in pairs if theirs is not None])
    if len(apart) < 2:
        return ""
    return f"{apart.mean():+.1f} (standard error {apart.std(ddof=1) / np.sqrt(len(apart)):.1f})"


def write_page(page: Path, found: list[dict[str, Any]]) -> None:
    """The table of mean ± standard deviation over folds and seeds, and the difference to `both` run by run."""
    base = {(one["seed"], one["fold"]): one["accuracy"] for one in found if one["name"] == "both"}
    lines = ["| recipe | accuracy | macro F1 | log-loss | accuracy less that of both | runs |", "|--|--|--|--|--|--|"]
    for part, rows in PARTS.items():
        for name in rows():
            some = [one for one in found if (one["part"], one["name"]) == (part, name)]
            if not some:
                continue
            values = [np.array([one[score] for one in some]) * (1 if score == "log_loss" else 100) for score in SCORES]
            digits = [2 if score == "log_loss" else 1 for score in SCORES]
            cells = [f"{x.mean():.{n}f} ± {x.std():.{n}f}" for x, n in zip(values, digits, strict=True)]
            far = "" if name == "both" else difference(some, base)
            lines.append(f"| {name} | {' | '.join(cells)} | {far} | {len(some)} |")
    before, there, rest = page.read_text(encoding="utf-8").partition(MARK)
    if not there:
        sys.exit(f"{page} has no line {MARK}")
    page.write_text(f"{before}{MARK}\n\n" + "\n".join(lines) + f"\n\n{MARK}{rest.partition(MARK)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
