"""A challenge's output file: one row per sound, its class and how probable it is; written, read, and all its faults."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from jaxtyping import Bool, Float64

from heterophony.errors import InputError
from heterophony.report.challenge_formats import Format

SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a system says, right or wrong.

    Attributes:
        ids: One per row.
        labels: Its class as written.
        scores: Probability of that class `[rows, 1]`, or of every class `[rows, classes]`; nan where it is no number.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    scores: Float64[np.ndarray, "rows columns"]


def write_output(answers: Answers, form: Format) -> str:
    """The file as text: the header, then the rows as they come; numbers with nine digits."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=form.delimiter, lineterminator="\n")
    writer.writerow(form.columns)
    for key, label, scores in zip(answers.ids, answers.labels, answers.scores.tolist(), strict=True):
        writer.writerow((key, label, *(f"{score:.9g}" for score in scores)))
    return text.getvalue()


def read_output(text: str, form: Format) -> Answers:
    """Reads what `write_output` wrote, or another program.

    Raises:
        InputError: The header is another one, or a row has more or fewer cells.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=form.delimiter))
    header = tuple(rows[0]) if rows else ()
    if header != form.columns:
        raise InputError(f"the header is {_named(header)}; {form.name} wants {_named(form.columns, 20)}")
    body = [(number, row) for number, row in enumerate(rows[1:], start=2) if row]
    for number, row in body:
        if len(row) != len(header):
            raise InputError(f"line {number}: {len(row)} cells, but the header has {len(header)}")
    scores = np.array([[_number(cell) for cell in row[2:]] for _, row in body], dtype=np.float64)
    return Answers(
        ids=tuple(row[0] for _, row in body),
        labels=tuple(row[1] for _, row in body),
        scores=scores.reshape(len(body), len(header) - 2),
    )


def output_faults(answers: Answers, form: Format, wanted: Sequence[str] | None = None) -> Iterator[str]:
    """Everything that is wrong, one sentence each, with the first ids that it concerns.

    Args:
        answers: The rows.
        form: The task.
        wanted: The ids of the evaluation set; None where they are not known.
    """
    if not answers.ids:
        yield "there is no row in it"
        return
    yield from _id_faults(answers.ids, wanted)
    known = set(form.taxonomy.classes)
    bad = [(key, label) for key, label in zip(answers.ids, answers.labels, strict=True) if label not in known]
    if bad:
        near = get_close_matches(bad[0][1], form.taxonomy.classes, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        named = _named([f"{key} ({label!r})" for key, label in bad])
        yield f"{len(bad)} rows with a class that {form.taxonomy.name} has not: {named}{hint}"
    yield from _score_faults(answers, form)


def _id_faults(ids: Sequence[str], wanted: Sequence[str] | None) -> Iterator[str]:
    doubled = [key for key, count in Counter(ids).items() if count > 1]
    if doubled:
        yield f"{len(doubled)} ids more than once: {_named(doubled)}"
    if wanted is None:
        return
    there, asked = set(ids), set(wanted)
    missing = [key for key in dict.fromkeys(wanted) if key not in there]
    unknown = [key for key in dict.fromkeys(ids) if key not in asked]
    if missing:
        yield f"{len(missing)} of {len(asked)} ids are missing: {_named(missing)}"
    if unknown:
        yield f"{len(unknown)} ids that the evaluation set has not: {_named(unknown)}"


def _score_faults(answers: Answers, form: Format) -> Iterator[str]:
    scores = answers.scores
    finite = np.isfinite(scores).all(axis=1)
    outside = finite & ((scores < 0) | (scores > 1)).any(axis=1)
    if not finite.all():
        yield f"{int((~finite).sum())} rows with a score that is no finite number: {_rows(answers, ~finite)}"
    if outside.any():
        yield f"{int(outside.sum())} rows with a score outside 0..1: {_rows(answers, outside)}"
    if len(scores) > 1 and finite.all() and (scores == scores[0]).all():
        yield f"all {len(scores)} rows have one and the same score, {', '.join(f'{x:g}' for x in scores[0])}"
    if form.score or not (finite & ~outside).all():
        return
    off = np.abs(scores.sum(axis=1) - 1) > 1e-3
    if off.any():
        yield f"{int(off.sum())} rows whose probabilities do not sum to 1: {_rows(answers, off)}"
    at = {label: column for column, label in enumerate(form.taxonomy.classes)}
    own = np.array([scores[row, at[label]] if label in at else 1.0 for row, label in enumerate(answers.labels)])
    less = own < scores.max(axis=1)
    if less.any():
        yield f"{int(less.sum())} rows whose class is not the most probable one: {_rows(answers, less)}"


def _rows(answers: Answers, which: Bool[np.ndarray, " rows"]) -> str:
    return _named([answers.ids[row] for row in np.flatnonzero(which)])


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _named(names: Sequence[str], most: int = SHOWN) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) or "nothing") + more
