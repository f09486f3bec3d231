"""What a run's folder says of its clips: the test predictions of all folds, the tree, what each clip belongs to."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from heterophony.clips.records import read_records
from heterophony.clips.split_file import read_split
from heterophony.errors import InputError
from heterophony.predictions.said import Imported, Said, in_tree_order
from heterophony.predictions.table import Predictions, pooled
from heterophony.taxonomy import TAXONOMIES, Taxonomy, read_taxonomy

TEST = "predictions_test.npz"
TREE = "taxonomy.csv"
GROUPS = "groups.csv"
ENSEMBLE = "ensemble.json"


def is_run(folder: Path) -> bool:
    """Whether a folder is one of a run of which a fold is done."""
    return any(path.is_dir() for path in folder.glob("fold_*"))


def tree_of_run(folder: Path) -> Taxonomy | None:
    """The tree of a run: its `taxonomy.csv`, else that of a model in it; None where there is none."""
    for place in (folder, folder / "model", *sorted(folder.glob("fold_*"))):
        if (place / TREE).is_file():
            tree = read_taxonomy(place / TREE, name=folder.resolve().name)
            return next((known for known in TAXONOMIES.values() if _same(known, tree)), tree)
    return None


def read_run(folder: Path, taxonomy: Taxonomy) -> Imported:
    """The test predictions of all folds as one table.

    Raises:
        InputError: A fold has no predictions, is not over the tree, or two folds tested one clip.
    """
    parts = [_fold(path / TEST, taxonomy) for path in sorted(folder.glob("fold_*"), key=_number)]
    table = pooled(parts)
    groups = {}
    if (folder / GROUPS).is_file():
        groups = {one.cells["id"]: one.cells["group"] for one in read_records(folder / GROUPS, ("group",), key="id")}
    said, mark = _of_ensemble(folder)
    notes = ["logits of all classes" if said == "distribution" else "an ensemble of top classes or votes", *mark]
    if (folder / "split.csv").is_file():
        split = read_split(folder / "split.csv")
        if len(parts) < split.folds:
            notes.append(f"{len(parts)} of {split.folds} folds are there; the other clips are not scored")
    return Imported(table, said, tuple(groups.get(key) for key in table.ids), tuple(notes))


def write_groups(ids: Sequence[str], groups: Sequence[str | None], path: Path) -> None:
    """Writes `id,group` of the clips whose group is known; no file where none is."""
    known = [(key, group) for key, group in zip(ids, groups, strict=True) if group is not None]
    if not known:
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([("id", "group"), *known])


def _fold(path: Path, taxonomy: Taxonomy) -> Predictions:
    if not path.is_file():
        raise InputError(f"{path}: not there; the fold is not finished, or was altered")
    return in_tree_order(Predictions.load(path), taxonomy, str(path))


def _of_ensemble(folder: Path) -> tuple[Said, list[str]]:
    """What an ensemble wrote down: sums of votes are no distributions, and a choice may be optimistic."""
    path = folder / ENSEMBLE
    if not path.is_file():
        return "distribution", []
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        said, mark = about["said"], [about["mark"]] if about.get("mark") else []
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not what an ensemble writes ({error!r}); make the ensemble again") from error
    if said == "distribution":
        return "distribution", mark
    if said == "top-score":
        return "top-score", mark
    raise InputError(f"{path}: said {said!r}; wanted distribution or top-score")


def _number(folder: Path) -> tuple[int, str]:
    text = folder.name.removeprefix("fold_")
    return (int(text) if text.isdecimal() else -1, text)


def _same(one: Taxonomy, other: Taxonomy) -> bool:
    return (one.classes, one.tops, one.top_of) == (other.classes, other.tops, other.top_of)
