"""`heterophony report`: from what lies in a run's folder to its page. `train` and `sweep` write theirs by this, too."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from heterophony.clips import Clip, clip_of, read_split
from heterophony.errors import InputError
from heterophony.predictions import Imported, Predictions, pooled
from heterophony.predictions.evidence import FILE as EVIDENCE
from heterophony.predictions.evidence import Evidence
from heterophony.predictions.run_folder import ENSEMBLE, TEST, read_run, tree_of_run
from heterophony.predictions.said import in_tree_order
from heterophony.recipes.command_file import again, in_words, read_command
from heterophony.recipes.protocol import protocol_of_run, warning_of
from heterophony.recipes.run_folder import CONTROL, NEIGHBOURS, keys, read_histories
from heterophony.report.beside_graph import TITLES
from heterophony.report.run_page import RunPageSettings, write_run_page
from heterophony.report.run_record import FoldRows, RunRecord
from heterophony.taxonomy import TAXONOMIES, Taxonomy

ALL = "all"
"""What predictions are called of which it is not known from what they were made."""


def write_report(
    run: Path,
    path: Path | None = None,
    *,
    clips: Sequence[Clip] | None = None,
    taxonomy: Taxonomy | None = None,
    settings: RunPageSettings | None = None,
) -> Path:
    """Writes the page of a run, of a sweep's run or of an ensemble: whatever has `fold_k/predictions_test.npz`.

    Args:
        run: Its folder.
        path: The HTML file; None: `report.html` in the folder.
        clips: The collection, for words, players and groups; None: without.
        taxonomy: The tree; None: the one in the folder.
        settings: How much is on the page.

    Returns:
        The file.

    Raises:
        InputError: There is no run, no tree, a file in it is broken, or none of its clips is in the collection.
        AlignmentError: Predictions and tree are not over the same classes.
    """
    record = read_record(run, clips, taxonomy)
    path = path or run / "report.html"
    write_run_page(record, path, settings)
    return path


def read_record(run: Path, clips: Sequence[Clip] | None = None, taxonomy: Taxonomy | None = None) -> RunRecord:
    """Everything that the page shows, from the folder; arguments and errors as for `write_report`."""
    folds = sorted(int(path.parent.name.removeprefix("fold_")) for path in run.glob(f"fold_[0-9]*/{TEST}"))
    if not folds:
        raise InputError(f"{run}: no run: there is no fold_<k>/{TEST} in it")
    recipe = _yaml(run / "recipe.yaml")
    tree = taxonomy or tree_of_run(run) or TAXONOMIES.get(str(recipe.get("taxonomy", "")))
    if tree is None:
        raise InputError(f"{run}: there is no taxonomy.csv in it; name the tree with --taxonomy")
    known = read_run(run, tree)
    command = read_command(run)
    name = str(recipe.get("name", "") or run.resolve().name)
    return RunRecord(
        name=name,
        subtitle=_subtitle(run, recipe),
        predictions=_predictions(run, folds, list(recipe.get("modalities", {})), tree),
        taxonomy=tree,
        histories={
            fold: read_histories(run, fold)[0].rows
            for fold in folds
            if (run / f"fold_{fold}" / "history.jsonl").is_file()
        },
        evidence={fold: Evidence.load(file) for fold in folds if (file := run / f"fold_{fold}" / EVIDENCE).is_file()},
        controls=_controls(run, tree),
        neighbours=_neighbours(run, folds),
        clips=_clips(run, clips, folds),
        clips_given=clips is not None,
        group_of=_groups(known),
        said=known.said,
        rows=_rows(run),
        leakage=_json(run / "leakage.json").get("text", {}) if (run / "leakage.json").is_file() else {},
        split=str(recipe.get("split", {}).get("kind", "")),
        facts=_facts(run, recipe, len(folds)),
        recipe=_text(run / "recipe.yaml"),
        command=in_words(*command) if command else "",
        again=again(command[1] if command else ()) if recipe and (run / "split.csv").is_file() else "",
    )


def _subtitle(run: Path, recipe: dict[str, Any]) -> str:
    """What the run is, and what must stand beside its number where its answers saw other test samples."""
    about = str(recipe.get("about", "") or _of_ensemble(run))
    return f"{about} {warning_of(protocol_of_run(run))}".strip()


def _of_ensemble(run: Path) -> str:
    """What an ensemble is made of and how it was chosen, the mark of an optimistic choice with it; "" for a run."""
    if not (run / ENSEMBLE).is_file():
        return ""
    about = _json(run / ENSEMBLE)
    chosen = about.get("mark") or f"chosen on {about.get('chosen_on', 'nothing')}"
    return f"Ensemble of {len(about.get('members', ()))} members: {about.get('method', '')}, {chosen}"


def _predictions(run: Path, folds: Sequence[int], modalities: Sequence[str], tree: Taxonomy) -> dict[str, Predictions]:
    """Set of modalities to its predictions over all folds, in the order of the tree; those with all of them first."""
    whole = "+".join(modalities) or ALL
    found = {whole: pooled([Predictions.load(run / f"fold_{fold}" / TEST) for fold in folds])}
    beside = TEST.removesuffix(".npz") + "_"
    there = {path.stem.removeprefix(beside) for path in run.glob(f"fold_[0-9]*/{beside}*.npz")}
    known = [key for key in keys(modalities) if key in there] if modalities else []
    for key in [*known, *sorted(there.difference(known))]:
        files = [file for fold in folds if (file := run / f"fold_{fold}" / f"{beside}{key}.npz").is_file()]
        found[key] = pooled([Predictions.load(file) for file in files])
    return {key: in_tree_order(table, tree, str(run)) for key, table in found.items()}


def _controls(run: Path, tree: Taxonomy) -> dict[str, Predictions]:
    """What stands beside a graph model: name to its predictions over all folds, those in `TITLES` first."""
    there = {path.stem.removeprefix(CONTROL) for path in run.glob(f"fold_[0-9]*/{CONTROL}*.npz")}
    names = [*(name for name in TITLES if name in there), *sorted(there.difference(TITLES))]
    files = {name: sorted(run.glob(f"fold_[0-9]*/{CONTROL}{name}.npz")) for name in names}
    return {
        name: in_tree_order(pooled([Predictions.load(file) for file in some]), tree, str(run))
        for name, some in files.items()
    }


def _neighbours(run: Path, folds: Sequence[int]) -> dict[str, list[dict[str, float]]]:
    """Modality to what the neighbours of the test rows are, fold by fold, where a graph model has written it."""
    found: dict[str, list[dict[str, float]]] = {}
    for fold in folds:
        path = run / f"fold_{fold}" / NEIGHBOURS
        for modality, shares in (_json(path) if path.is_file() else {}).items():
            found.setdefault(modality, []).append(shares)
    return found


def _clips(run: Path, clips: Sequence[Clip] | None, folds: Sequence[int]) -> dict[str, Clip]:
    """The clips of the collection that the run tested."""
    if clips is None:
        return {}
    tested = {key for fold in folds for key in Predictions.load(run / f"fold_{fold}" / TEST).ids}
    known = {clip.id: clip for clip in clips}
    found = {key: known[clip_of(key)] for key in sorted(tested) if clip_of(key) in known}
    if not found:
        some, other = (sorted(names)[:3] for names in (tested, {clip.id for clip in clips}))
        raise InputError(
            f"{run} tested {', '.join(some)} …; the collection has {', '.join(other)} … and none of those: "
            "give the one that it was trained on"
        )
    return found


def _groups(table: Imported) -> dict[str, str]:
    """Clip to its group, of the clips whose group the folder knows."""
    return {key: group for key, group in zip(table.predictions.ids, table.groups, strict=True) if group is not None}


def _rows(run: Path) -> dict[int, FoldRows]:
    """How many rows each part of each fold has."""
    if not (run / "split.csv").is_file():
        return {}
    split = read_split(run / "split.csv")
    return {fold: FoldRows(*(len(rows) for rows in split.parts(fold))) for fold in range(split.folds)}


def _facts(run: Path, recipe: dict[str, Any], folds: int) -> dict[str, str]:
    """Label to text, of what is known."""
    facts = {"Folds here": str(folds)}
    if "seed" in recipe:
        facts["Seed"] = f"{recipe['seed']}; of the split: {recipe.get('split', {}).get('seed', 'unknown')}"
    for name, spec in recipe.get("modalities", {}).items():
        facts[f"Encoder of {name}"] = str(spec.get("encoder", ""))
    if (run / "data.json").is_file():
        facts["Data"] = (
            f"SHA-256 {_json(run / 'data.json').get('sha256', 'unknown')} over ids, labels, vectors and folds"
        )
    if (run / "versions.json").is_file():
        facts["Versions"] = ", ".join(f"{name} {number}" for name, number in _json(run / "versions.json").items())
    return facts


def _yaml(path: Path) -> dict[str, Any]:
    """The recipe as plain data: an old one need not be one that this version could run."""
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML ({error}); delete it to do without") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: wanted keys and values, got {type(content).__name__}; delete it to do without")
    return content


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}); delete it to do without") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: wanted an object, got {type(content).__name__}; delete it to do without")
    return content


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
