"""One line per fold, and how the folds were made in words."""

from collections.abc import Callable

from heterophony.clips import Clip
from heterophony.metrics import evaluate_folds
from heterophony.report.fold_table import fold_lines, split_in_words
from heterophony.report.run_record import FoldRows, RunRecord

Record = Callable[..., RunRecord]


def test_a_line_per_fold_with_what_is_known_of_it(record: Record) -> None:
    run = record(histories={1: [{"epoch": 1}] * 7}, rows={0: FoldRows(4, 2, 30)})
    first, second = fold_lines(run, evaluate_folds(run.main, run.taxonomy))
    assert (first.fold, first.rows, first.test, first.epochs) == (0, FoldRows(4, 2, 30), 30, 0)
    assert (second.fold, second.rows, second.test, second.epochs) == (1, None, 30, 7)
    assert first.accuracy == "80.00"
    assert first.never == 0


def test_groups_on_both_sides_are_counted(record: Record) -> None:
    keys = record().main.ids
    clips = {key: Clip(id=key, group=f"g{row % 40}") for row, key in enumerate(keys)}  # 30 to a fold: 20 are in both
    assert split_in_words(record(clips=clips, split="given")) == (
        "given with the data; 20 of 40 groups are tested in more than one fold"
    )
    told = dict.fromkeys(keys, "one")
    assert split_in_words(record(group_of=told)) == "made elsewhere; 1 of 1 groups are tested in more than one fold"
    assert split_in_words(record(split="grouped")) == (
        "grouped: all clips of one uploader or place are in the same fold"
    )
