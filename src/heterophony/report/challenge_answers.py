"""A system's table of predictions as the answers of a challenge, whatever program wrote it."""

from collections.abc import Collection, Sequence
from pathlib import Path, PurePath

import numpy as np
from jaxtyping import Float64

from heterophony.clips.cells import Cells, read_cells
from heterophony.clips.collect import MEDIA_SUFFIXES
from heterophony.errors import InputError
from heterophony.predictions import Predictions, softmax
from heterophony.predictions.columns import SYNONYMS
from heterophony.report.challenge_csv import Answers
from heterophony.report.challenge_formats import Format

IDS = ("id", "sound_id", "anonymous_id", "filename", "file_name")
LABELS = tuple(dict.fromkeys(("class", *SYNONYMS["prediction"], "predicted_class", "label", "scene_label")))
SCORES = ("class_probability", "prediction_score", "score", "probability")


def read_answers(path: Path, form: Format, wanted: Collection[str]) -> Answers:
    """Reads a table of predictions; what is wrong in its rows stays, so that all of it can be told.

    Args:
        path: A `.npz` of `heterophony predict` or `ensemble`, a results file of `classify`, or another program's table
            (.csv, .tsv, .jsonl, .parquet) with an id (`IDS`), and a class (`LABELS`) with its probability (`SCORES`) or
            a column per class.
        form: The task, whose own names of columns count first.
        wanted: The ids of the evaluation set; `audio/x.wav` becomes `x` where that is one and the former is not.

    Raises:
        InputError: The file cannot be read, a column is missing, or its classes are others.
        AlignmentError: A `.npz` has an id twice.
    """
    if path.suffix.lower() == ".npz":
        table = Predictions.load(path)
        return _of_classes(table.ids, softmax(table.logits), table.classes, form, path)
    cells = read_cells(path)
    ids = tuple(_as_wanted(key, wanted) for key in _column(cells, (form.id, *IDS), path, "id"))
    if set(form.taxonomy.classes) <= set(cells.columns):
        tables = [[_number(cell) for cell in _column(cells, (key,), path, key)] for key in form.taxonomy.classes]
        scores = np.array(tables, dtype=np.float64).T.reshape(len(ids), len(tables))
        return _of_classes(ids, scores, form.taxonomy.classes, form, path)
    if not form.score:
        lacking = [key for key in form.taxonomy.classes if key not in cells.columns]
        raise InputError(f"{path}: {form.name} wants a probability for every class; no column {', '.join(lacking)}")
    labels = _column(cells, (form.label, *LABELS), path, "class")
    score = [_number(cell) for cell in _column(cells, (form.score, *SCORES), path, "probability of the class")]
    return Answers(ids, tuple(labels), np.array(score, dtype=np.float64).reshape(len(ids), 1))


def _of_classes(
    ids: tuple[str, ...], scores: Float64[np.ndarray, "rows classes"], classes: Sequence[str], form: Format, path: Path
) -> Answers:
    """Answers from a probability for every class, in whatever order."""
    if set(classes) != set(form.taxonomy.classes):
        odd = sorted(set(classes) ^ set(form.taxonomy.classes))
        raise InputError(f"{path}: not over the classes of {form.taxonomy.name}; not in both: {', '.join(odd[:8])}")
    ordered = scores[:, [list(classes).index(key) for key in form.taxonomy.classes]]
    best = np.where(np.isnan(ordered), -np.inf, ordered).argmax(axis=1)
    labels = tuple(form.taxonomy.classes[label] for label in best)
    return Answers(ids, labels, ordered[np.arange(len(ids)), best][:, None] if form.score else ordered)


def _column(cells: Cells, names: Sequence[str], path: Path, what: str) -> list[str]:
    """The cells of the first of the columns that is there; "" where a cell has nothing."""
    name = next((name for name in names if name in cells.columns), None)
    if name is None:
        raise InputError(f"{path}: no column for the {what} ({', '.join(names)}); it has {', '.join(cells.columns)}")
    at = cells.columns.index(name)
    return [(row[at] or "").strip() for row in cells.rows]


def _as_wanted(key: str, wanted: Collection[str]) -> str:
    path = PurePath(key)
    known = path.suffix.lower() in MEDIA_SUFFIXES
    return next((other for other in (key, path.name, path.stem if known else key) if other in wanted), key)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
