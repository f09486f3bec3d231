"""The folds of a run, one line each: their rows, how they were trained, how they did."""

from collections.abc import Mapping
from dataclasses import dataclass

from heterophony.report.run_record import FoldRows, RunRecord


@dataclass(frozen=True)
class FoldLine:
    """One fold.

    Attributes:
        fold: Its number.
        rows: Of its parts; None where unknown.
        test: Test rows with a known target that were predicted.
        epochs: How many were run; 0 where unknown.
        accuracy, hierarchical_f1: Of its test rows, per cent as text.
        never: Classes that occur in it and are never predicted.
    """

    fold: int
    rows: FoldRows | None
    test: int
    epochs: int
    accuracy: str
    hierarchical_f1: str
    never: int


def fold_lines(record: RunRecord, scores: Mapping[int, Mapping[str, float]]) -> list[FoldLine]:
    """The folds that have scores, by number."""
    return [
        FoldLine(
            fold=fold,
            rows=record.rows.get(fold),
            test=int(named["samples"]),
            epochs=len(record.histories.get(fold, ())),
            accuracy=f"{100 * named['accuracy']:.2f}",
            hierarchical_f1=f"{100 * named['hierarchical_f1']:.2f}",
            never=int(named["classes_never_predicted"]),
        )
        for fold, named in sorted(scores.items())
    ]


def split_in_words(record: RunRecord) -> str:
    """How the folds were made, and what that means for who is on both sides."""
    shared = _shared_groups(record)
    told = {
        "stratified": "stratified by class; clips of one uploader or place may be in training and test",
        "grouped": "grouped: all clips of one uploader or place are in the same fold",
        "given": "given with the data",
    }.get(record.split, "made elsewhere")
    return told + (f"; {shared}" if shared else "")


def _shared_groups(record: RunRecord) -> str:
    """How many groups are tested in more than one fold, where groups are known."""
    folds: dict[str, set[int]] = {}
    for group, fold in zip(record.groups, record.main.fold.tolist(), strict=True):
        if group is not None:
            folds.setdefault(group, set()).add(fold)
    if not folds:
        return ""
    apart = sum(len(one) > 1 for one in folds.values())
    return f"{apart} of {len(folds)} groups are tested in more than one fold"
