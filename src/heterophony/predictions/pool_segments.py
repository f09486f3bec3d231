r"""From the predictions of segments to those of their clips (audio_visual.md D.2).

Of the probabilities $p_i$ of a clip's segments, `probabilities` gives their mean, and `log-probabilities` what is
proportional to $\exp(\frac{1}{n} \sum_i \ln p_i)$: the decision is that of the sum of log-posteriors.
"""

from collections import defaultdict
from dataclasses import replace
from typing import Literal

import numpy as np
from jaxtyping import Float64

from heterophony.clips.segments import clip_of, is_segment
from heterophony.errors import AlignmentError, InputError
from heterophony.predictions.calibration import log_softmax
from heterophony.predictions.said import Imported
from heterophony.predictions.table import Predictions

Pool = Literal["probabilities", "log-probabilities"]


def pool_segments(table: Predictions, how: Pool) -> Predictions:
    """One row per clip, in the order in which the clips come first; logits are log-probabilities.

    Args:
        table: Rows of segments, with the ids that `clips.segments` gives. A clip may have any number of them.
        how: What is averaged.

    Raises:
        InputError: A row is no segment.
        AlignmentError: The segments of a clip have different targets or folds.
    """
    whole = [key for key in table.ids if not is_segment(key)]
    if whole:
        raise InputError(
            f"{len(whole)} of {len(table)} rows are no segments: {', '.join(whole[:5])}; only the predictions of "
            "segments (ids that end in #s and a number) can be pooled to clips"
        )
    rows: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(table.ids):
        rows[clip_of(key)].append(row)
    odd = [key for key, some in rows.items() if len({(table.target[row], table.fold[row]) for row in some}) > 1]
    if odd:
        raise AlignmentError(f"segments of one clip have different targets or folds: {', '.join(odd[:5])}")
    first = np.array([some[0] for some in rows.values()], dtype=np.int64)
    said = log_softmax(table.logits.astype(np.float64))
    logits = np.stack([_pooled(said[some], how) for some in rows.values()]) if rows else table.logits
    return Predictions(tuple(rows), logits.astype(np.float32), table.target[first], table.fold[first], table.classes)


def pool_imported(given: Imported, how: Pool) -> Imported:
    """The same for predictions of any origin, with a note; each clip has the group of its first segment.

    Raises:
        InputError: As for `pool_segments`, or the table does not have the scores of all classes.
        AlignmentError: As for `pool_segments`.
    """
    if given.said != "distribution":
        raise InputError("only the scores of all classes can be pooled; this table has the top class of each segment")
    table = pool_segments(given.predictions, how)
    groups: dict[str, str | None] = {}
    for key, group in zip(given.predictions.ids, given.groups, strict=True):
        groups.setdefault(clip_of(key), group)
    note = f"{len(given.predictions)} segments pooled to {len(table)} clips by the mean of their {how}"
    return replace(given, predictions=table, groups=tuple(groups[key] for key in table.ids), notes=(*given.notes, note))


def _pooled(said: Float64[np.ndarray, "segments classes"], how: Pool) -> Float64[np.ndarray, " classes"]:
    mean = said.mean(axis=0) if how == "log-probabilities" else np.logaddexp.reduce(said, axis=0) - np.log(len(said))
    return np.asarray(mean - np.logaddexp.reduce(mean), dtype=np.float64)
