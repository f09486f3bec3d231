"""A table of `id,target,prediction[,score | one column per class][,fold][,group]` as predictions."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from heterophony.errors import InputError
from heterophony.predictions.columns import SYNONYMS, Columns, class_indices, no_column, numbers_of
from heterophony.predictions.said import Imported, Said
from heterophony.predictions.scores import like_probabilities, log_probabilities, too_small, top_class, top_score
from heterophony.predictions.table import Predictions
from heterophony.taxonomy import Taxonomy


def from_columns(columns: Columns, taxonomy: Taxonomy) -> Imported:
    """Predictions from a table's columns.

    Raises:
        InputError: A column is missing, a class is not in the tree, a number is impossible, or `prediction` is not the
            class with the largest score; names file, line and id.
    """
    rows = len(columns)
    logits, said, note = _logits(columns, taxonomy)
    target = class_indices(columns, "target", taxonomy, may_lack=True)
    if not len(target):
        target = np.full(rows, -1, dtype=np.int64)
    groups = columns.of("group")
    ids = columns.of("id") or ()
    table = Predictions(tuple(ids), logits, target, fold_numbers(columns), taxonomy.classes)
    return Imported(table, said, tuple(key or None for key in groups) if groups else (None,) * rows, (note,))


def fold_numbers(columns: Columns) -> Int64[np.ndarray, " rows"]:
    """The fold of each row; 0 where the table has none.

    Raises:
        InputError: A fold is no whole number.
    """
    cells = columns.of("fold")
    if cells is None:
        return np.zeros(len(columns), dtype=np.int64)
    for row, cell in enumerate(cells):
        if not cell.isdecimal():
            columns.refuse(row, f"fold {cell!r}: wanted the number of the fold, 0 or more")
    return np.array([int(cell) for cell in cells], dtype=np.int64)


def _logits(columns: Columns, taxonomy: Taxonomy) -> tuple[Float32[np.ndarray, "rows classes"], Said, str]:
    """Logits, what the rows say, and how the columns were understood."""
    there = [key for key in taxonomy.classes if key in columns.cells]
    if len(there) == taxonomy.n_classes > 1:
        logits, note = understood(columns, numbers_of(columns, there))
        return _agreeing(columns, logits, taxonomy), "distribution", note
    if columns.of("prediction") is None:
        if there:
            lacking = [key for key in taxonomy.classes if key not in there]
            raise InputError(
                f"{columns.path}: columns for {len(there)} of the {taxonomy.n_classes} classes of {taxonomy.name!r}; "
                f"it lacks {', '.join(lacking)}"
            )
        wanted = no_column(columns, "predicted class", SYNONYMS["prediction"])
        raise InputError(f"{columns.path}: {wanted}. One column for each class of {taxonomy.name!r} would do as well")
    top = class_indices(columns, "prediction", taxonomy, may_lack=False)
    if "score" not in columns.fields:
        return top_class(top, taxonomy.n_classes), "top", "top class only, no score"
    name = columns.fields["score"]
    score = numbers_of(columns, [name])[:, 0]
    _refuse_impossible(columns, name, score, taxonomy.n_classes)
    return top_score(top, score, taxonomy.n_classes), "top-score", f"top class, and its probability in {name!r}"


def _refuse_impossible(columns: Columns, name: str, score: Float64[np.ndarray, " rows"], n_classes: int) -> None:
    """Refuses scores that no top class can have."""
    outside = np.flatnonzero((score < 0) | (score > 1))
    if len(outside):
        row = int(outside[0])
        hint = "; per cent? divide by 100" if 2 <= score.max() <= 100 and score.min() >= 0 else ""
        columns.refuse(row, f"{name} {score[row]:g}: wanted a probability in 0..1{hint} ({len(outside)} such rows)")
    low = np.flatnonzero(too_small(score, n_classes))
    if len(low):
        row = int(low[0])
        columns.refuse(
            row,
            f"{name} {score[row]:g} is below 1/{n_classes}, which the likeliest of {n_classes} classes cannot have "
            f"({len(low)} such rows); wanted the probability of the predicted class",
        )


def understood(
    columns: Columns, values: Float64[np.ndarray, "rows classes"]
) -> tuple[Float32[np.ndarray, "rows classes"], str]:
    """Logits from one column per class, and whether those were probabilities or logits.

    Raises:
        InputError: Some rows are probabilities and some are not, or all values are in 0..1 and do not sum to 1.
    """
    fits: Bool[np.ndarray, " rows"] = like_probabilities(values)
    if fits.all():
        return log_probabilities(values), "probabilities of all classes"
    odd = int(np.flatnonzero(~fits)[0])
    if fits.any() or ((values >= 0) & (values <= 1)).all():
        columns.refuse(
            odd,
            f"the scores of the classes sum to {values[odd].sum():.4g} and lie in {values[odd].min():.4g}.."
            f"{values[odd].max():.4g} ({(~fits).sum()} of {len(fits)} rows); wanted probabilities that sum to 1, or "
            "logits in every row",
        )
    return values.astype(np.float32), "logits of all classes"


def _agreeing(
    columns: Columns, logits: Float32[np.ndarray, "rows classes"], taxonomy: Taxonomy
) -> Float32[np.ndarray, "rows classes"]:
    """The logits, in which a tie goes to the class that the table says; another class than a largest is refused."""
    if "prediction" not in columns.fields:
        return logits
    top = class_indices(columns, "prediction", taxonomy, may_lack=False)
    rows = np.arange(len(top))
    largest = logits.max(axis=1)
    wrong: Sequence[int] = np.flatnonzero(logits[rows, top] < largest).tolist()
    if wrong:
        best = taxonomy.classes[int(logits[wrong[0]].argmax())]
        said = columns.fields["prediction"]
        columns.refuse(
            wrong[0],
            f"{said} is {taxonomy.classes[top[wrong[0]]]!r}, but the largest score is that of {best!r} "
            f"({len(wrong)} such rows); one of the two is wrong",
        )
    tied = np.flatnonzero(logits.argmax(axis=1) != top)
    logits[tied, top[tied]] = np.nextafter(largest[tied], np.float32(np.inf))
    return logits
