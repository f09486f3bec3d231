"""What the folds of a run say of rows that they did not see, as vectors for another model of the same rows.

A network that is trained on what another says must be told of its training rows what it will be told of new ones: an
extractor is too sure of the rows that taught it (audio_visual.md A.7.4; D. Wolpert, "Stacked generalization", Neural
Networks 5, 1992). So each row gets the word of the fold that tested it.

Of all that a fold's network makes, only its probabilities are given: their axes are the classes, in every fold. The
vectors in front of the heads of two folds lie in two spaces, and a distance between them means nothing.

For a graph take their square roots: the distance of two rows is then that of Hellinger (but for a factor), which no
class matters to that neither row believes in. Between log-probabilities just these classes decide: one in e^-20 is as
far from one in e^-30 as any two can be.

One run is not enough for an honest test. What it says of a training row comes from a fold that was taught the labels of
the rows which the second model is then tested on, and a graph can read them off: where two alike rows lie in two folds,
each one's vector repeats the label of the other. Without a leak the run must be made without the rows that are tested;
what its final model says of those is given as the rest.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64

from heterophony.clips import read_split
from heterophony.errors import AlignmentError, InputError
from heterophony.predictions import Predictions, log_softmax
from heterophony.predictions.evidence import FILE as EVIDENCE
from heterophony.predictions.evidence import Evidence
from heterophony.predictions.run_folder import TEST

KEY = "log_probabilities"
ROOTS = "root_probabilities"
OWN, REST = "out-of-fold", "rest"


def write_out_of_fold(run: Path, path: Path, rest: Path | None = None) -> tuple[int, int]:
    """Writes an `.npz` for `--features`: `ids`, `part` ("out-of-fold" or "rest"), and the two tables of vectors.

    These are `log_probabilities`, and `root_probabilities`, the square roots, of length 1. All are calibrated by the
    temperatures of the run's final model, as `heterophony predict` calibrates.

    Args:
        run: A finished run of `heterophony train`.
        path: The file.
        rest: What `heterophony predict --model RUN` wrote of rows that are not in the run; None: there are none.

    Returns:
        How many rows there are of the run, and of the rest.

    Raises:
        InputError: A fold or file of the run is not there, or a row of the rest is in the run.
        AlignmentError: The rest is of other classes.
    """
    split = read_split(_there(run / "split.csv"))
    temperatures = json.loads(_there(run / "model" / "calibration.json").read_text(encoding="utf-8"))
    folds = [run / f"fold_{fold}" for fold in range(split.folds)]
    tables = [Predictions.load(_there(fold / TEST)) for fold in folds]
    values = [
        _calibrated(table, Evidence.load(_there(fold / EVIDENCE)), temperatures)
        for table, fold in zip(tables, folds, strict=True)
    ]
    ids = [key for table in tables for key in table.ids]
    part = [OWN] * len(ids)
    if rest is not None:
        other = Predictions.load(_there(rest))
        _refuse_known(other, tables[0], set(split.ids), rest)
        values.append(log_softmax(other.logits.astype(np.float64)))
        ids += other.ids
        part += [REST] * len(other)
    whole: Float32[np.ndarray, "rows classes"] = np.concatenate(values).astype(np.float32)
    with path.open("wb") as stream:
        arrays: dict[str, Any] = {"ids": np.array(ids), "part": np.array(part), KEY: whole, ROOTS: np.exp(whole / 2)}
        np.savez_compressed(stream, **arrays)
    return part.count(OWN), part.count(REST)


def _calibrated(
    table: Predictions, evidence: Evidence, temperatures: dict[str, dict[str, float]]
) -> Float64[np.ndarray, "rows classes"]:
    """Log-probabilities, each row with the temperature of the modalities that it has."""
    has = dict(zip(evidence.ids, evidence.present, strict=True))
    value = []
    for key in table.ids:
        if key not in has:
            raise AlignmentError(f"{EVIDENCE} lacks {key}, which its fold tested; the run was altered")
        name = "+".join(one for one, there in zip(evidence.modalities, has[key], strict=True) if there)
        value.append(float(temperatures[name]["value"]))
    return log_softmax(table.logits.astype(np.float64) / np.array(value)[:, None])


def _refuse_known(rest: Predictions, own: Predictions, known: set[str], path: Path) -> None:
    if rest.classes != own.classes:
        raise AlignmentError(f"{path}: its classes are not those of the run, in their order")
    seen = [key for key in rest.ids if key in known]
    if seen:
        raise InputError(
            f"{path}: {len(seen)} of {len(rest)} rows are in the run, whose final model was taught by them: "
            f"{', '.join(seen[:8])}; give rows that it has not seen"
        )


def _there(path: Path) -> Path:
    """The path.

    Raises:
        InputError: There is no such file.
    """
    if not path.is_file():
        raise InputError(f"{path}: not there; this takes a run of `heterophony train` with all its folds and its model")
    return path
