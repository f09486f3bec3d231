from dataclasses import replace

import numpy as np
import pytest

from heterophony.errors import AlignmentError
from heterophony.predictions import Imported, Predictions, line_up


def table(ids: str, target: list[int], fold: list[int], groups: tuple[str | None, ...] | None = None) -> Imported:
    logits = np.arange(2 * len(ids), dtype=np.float32).reshape(-1, 2)
    found = Predictions(tuple(ids), logits, np.array(target), np.array(fold), ("x", "y"))
    return Imported(found, "distribution", groups or (None,) * len(ids))


def test_rows_targets_folds_and_groups_become_one() -> None:
    bare = table("cab", [1, -1, -1], [0, 0, 0], (None, "u", None))
    folded = table("abc", [0, -1, -1], [0, 1, 1], (None, "v", None))
    lined = line_up({"bare": bare, "folded": folded})
    assert list(lined) == ["bare", "folded"]
    for one in lined.values():
        assert one.predictions.ids == ("a", "b", "c")
        assert one.predictions.target.tolist() == [0, -1, 1]
        assert one.predictions.fold.tolist() == [0, 1, 1]
        assert one.groups == ("u", "v", None)
    assert lined["bare"].predictions.logits[:, 0].tolist() == [2, 4, 0]
    assert lined["bare"].notes == ("its folds are those of folded",)
    assert lined["folded"].notes == ()


def test_tables_that_do_not_belong_together_are_named() -> None:
    first = table("ab", [0, -1], [0, 1])
    with pytest.raises(AlignmentError, match=r"one \(first\) and two \(second\): .*lacks b and has c besides"):
        line_up({"one": first, "two": table("ac", [0, 0], [0, 1])})
    with pytest.raises(AlignmentError, match="different folds for a"):
        line_up({"one": first, "two": table("ab", [0, 0], [1, 1])})
    with pytest.raises(AlignmentError, match="different targets for b"):
        line_up({"one": first, "two": table("ab", [0, 1], [0, 1]), "three": table("ab", [0, 0], [0, 1])})
    other = replace(first, predictions=replace(first.predictions, classes=("x", "z")))
    with pytest.raises(AlignmentError, match="different classes"):
        line_up({"one": first, "two": other})
