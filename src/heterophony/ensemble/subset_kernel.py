"""The compiled part of the search over subsets; it needs numba (extra `search`), so import it where it is used.

One call scores, on one fold, every subset that starts with two given members: a walk in depth, where each step adds
one member to the sums of the members before it, so a subset costs one addition and one comparison per entry.
Compilations are cached beside this file, or in the user's cache folder (`NUMBA_CACHE_DIR`) if that is not writable.
"""

from collections.abc import Callable
from inspect import unwrap
from typing import Any, TypeVar, cast

import numba
import numpy as np
from jaxtyping import Float32, Float64, Int32, Int64, UInt32

_Function = TypeVar("_Function", bound=Callable[..., Any])
Entries = Float32[np.ndarray, " entries"]
Cells = UInt32[np.ndarray, " entries"]
Counts = Int32[np.ndarray, "classes width"]
Sums = Int32[np.ndarray, " width"]
Whole = Int64[np.ndarray, "..."]

SCORES = (
    "accuracy",
    "top_accuracy",
    "macro_accuracy",
    "macro_top_accuracy",
    "macro_f1",
    "hierarchical_accuracy",
    "hierarchical_precision",
    "hierarchical_recall",
    "hierarchical_f1",
)
"""What can be scored; the place of a name is its number."""


def _compiled(function: _Function) -> _Function:
    """Compiled at its first call, without the interpreter's lock."""
    plain = unwrap(function)  # type checks of tests are no machine code
    try:
        made = numba.njit(cache=True, nogil=True, error_model="numpy")(plain)
    except RuntimeError:  # no folder to keep the machine code in: it is made again in each process
        made = numba.njit(nogil=True, error_model="numpy")(plain)
    return cast(_Function, made)


def _add(
    prefix: Entries,
    member: Entries,
    counts: Whole,
    cells: Cells,
    sums: Entries,
    best: Float32[np.ndarray, " rows"],
    winner: UInt32[np.ndarray, " rows"],
) -> None:
    """Sums of a prefix and one more member, and for each row the cell of the class with the largest.

    The loops are as plain as they must be for the compiler to turn them into vector instructions.
    """
    for entry in range(len(sums)):
        sums[entry] = prefix[entry] + member[entry]
    for row in range(counts[0]):
        best[row] = sums[row]
        winner[row] = cells[row]
    start = counts[0]
    for rank in range(1, len(counts)):
        totals, codes = sums[start : start + counts[rank]], cells[start : start + counts[rank]]
        for row in range(len(totals)):
            total, code, highest, now = totals[row], codes[row], best[row], winner[row]
            if total > highest:
                highest = total
                now = code
            best[row] = highest
            winner[row] = now
        start += counts[rank]


def _margins(confusion: Counts, same: Counts, column: Sums, inside: Sums, under: Whole) -> None:
    """Sums of a padded confusion matrix: of each column, and of the pairs with one top per column and per row."""
    column[:] = 0
    inside[:] = 0
    for true in range(len(confusion)):
        row, mask = confusion[true], same[true]
        total = np.int32(0)
        for said in range(len(row)):
            shared = row[said] & mask[said]
            column[said] += row[said]
            inside[said] += shared
            total += shared
        under[true] = total


def _score(
    confusion: Counts,
    truth: Whole,
    column: Sums,
    inside: Sums,
    under: Whole,
    skip: bool,  # noqa: FBT001
    got: Float64[np.ndarray, " scores"],
) -> None:
    """All of `SCORES` of one confusion matrix and its margins into `got`, as `heterophony.metrics` defines them."""
    got[:] = 0
    present = 0
    kept = 0
    for c in range(len(truth)):
        if truth[c] == 0:
            continue
        hit = confusion[c, c]
        present += 1
        got[0] += hit
        got[1] += under[c]
        got[2] += hit / truth[c]
        got[3] += under[c] / truth[c]
        got[4] += 2 * hit / (truth[c] + column[c])
        if column[c] == 0 and skip:
            continue
        kept += 1
        precision = (hit + 0.375 * (inside[c] - hit)) / max(column[c], 1)
        recall = (hit + 0.375 * (under[c] - hit)) / truth[c]
        got[6] += precision
        got[7] += recall
        if precision + recall > 0:
            got[8] += 2 * precision * recall / (precision + recall)
    for number in range(9):  # 0 / 0 is nan
        got[number] /= truth.sum() if number < 2 else present if number < 5 else kept
    got[5] = (got[2] + got[3]) / 2


def _advance(chosen: Whole, size: int, members: int) -> int:
    """The next subset of the walk into `chosen`; its size, 0 after the last one that begins with the same two."""
    if size < len(chosen) and chosen[size - 1] + 1 < members:
        chosen[size] = chosen[size - 1] + 1
        return size + 1
    while size > 2 and chosen[size - 1] == members - 1:
        size -= 1
    if size == 2:
        return 0
    chosen[size - 1] += 1
    return size


add = _compiled(_add)
margins = _compiled(_margins)
score = _compiled(_score)
advance = _compiled(_advance)


def _walk(
    rows: tuple[Float32[np.ndarray, "members entries"], Cells, Whole, Counts, Whole],
    same: Counts,
    pair: tuple[int, int],
    position: Whole,
    skip: bool,  # noqa: FBT001
    wanted: Whole,
    scores: Float64[np.ndarray, "subsets wanted folds"],
    fold: int,
) -> None:
    """Scores of every subset whose two lowest members are the pair, on one fold.

    Args:
        rows: values, cells, counts, base and truth of `FoldRows`.
        same: [classes, width], all bits where two classes have one top.
        pair: Two members, the lower first.
        position: [largest size + 1] where the subsets of each size begin in `scores`; -1 for sizes not asked for.
        skip: The rule for classes that are never predicted.
        wanted: Numbers of `SCORES`.
        scores: [subsets, wanted, folds] to fill.
        fold: Place of the fold in it.
    """
    values, cells, counts, base, truth = rows
    largest = len(position) - 1
    sums = np.empty((largest, values.shape[1]), dtype=np.float32)
    best, winner = np.empty(counts[0], dtype=np.float32), np.empty(counts[0], dtype=np.uint32)
    confusion = np.empty_like(base)
    flat = confusion.reshape(-1)
    column, inside, under = np.empty_like(base[0]), np.empty_like(base[0]), np.empty_like(truth)
    got = np.empty(9, dtype=np.float64)
    place, chosen = position.copy(), np.empty(largest, dtype=np.int64)
    sums[0] = values[pair[0]]
    chosen[0], chosen[1], size = pair[0], pair[1], 2
    while size > 0:
        add(sums[size - 2], values[chosen[size - 1]], counts, cells, sums[size - 1], best, winner)
        if place[size] >= 0:
            confusion[:] = base
            for row in range(counts[0]):
                flat[winner[row]] += 1
            margins(confusion, same, column, inside, under)
            score(confusion, truth, column, inside, under, skip, got)
            for number in range(len(wanted)):
                scores[place[size], number, fold] = got[wanted[number]]
            place[size] += 1
        size = advance(chosen, size, len(values))


walk = _compiled(_walk)
