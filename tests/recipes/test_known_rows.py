"""Who is in a bank, as a file: any text survives, labels that nobody told are not there."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import AlignmentError, InputError
from heterophony.recipes.known_rows import KnownRows, joined, known_rows, read_known_rows
from heterophony.recipes.samples import Samples
from heterophony.taxonomy import from_pairs


def test_what_is_written_is_read(tmp_path: Path) -> None:
    rows = KnownRows(
        ids=("a,b", 'c"d', "é\nf"), labels=("x", "", "y"), groups=("g", None, "h"), words=("", "=1+1, rain", "\r ")
    )
    rows.write(tmp_path / "bank.csv")
    assert read_known_rows(tmp_path / "bank.csv") == rows
    none = rows.take(np.zeros(3, dtype=bool))
    none.write(tmp_path / "bank.csv")
    assert read_known_rows(tmp_path / "bank.csv") == none
    assert len(none) == 0


def test_bytes_that_are_no_text_become_visible(tmp_path: Path) -> None:
    KnownRows(ids=("\udcff.wav",), labels=("",), groups=(None,), words=("",)).write(tmp_path / "bank.csv")
    assert read_known_rows(tmp_path / "bank.csv").ids == ("\\udcff.wav",)


def test_labels_of_rows_beside_are_not_told(made: Callable[..., Samples]) -> None:
    taught, test = made([0, 1, -1], ["sw", "s", "w"], ["u", None, "v"]), made([1, 1], ["sw", "sw"])
    rows = known_rows([taught], [test], from_pairs("t", ["a", "b"]))
    assert rows.labels == ("a", "b", "", "", "")
    assert rows.ids == ("r0", "r1", "r2", "r0", "r1")
    assert rows.groups == ("u", None, "v", None, None)
    assert rows.take(np.array([True, False, True, False, False])) == known_rows(
        [taught.take(np.array([0, 2]))], [], from_pairs("t", ["a", "b"])
    )
    assert joined(rows, rows).words == rows.words * 2


def test_what_does_not_line_up_or_was_altered_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AlignmentError, match=r"\[2, 1, 1, 1\] ids, labels, groups, words"):
        KnownRows(ids=("a", "b"), labels=("",), groups=(None,), words=("",))
    for text in ("", "id,label\n", "id,label,group,words\na,b\n"):
        (tmp_path / "bank.csv").write_text(text)
        with pytest.raises(InputError, match=r"bank\.csv: wanted rows of id, label, group, words"):
            read_known_rows(tmp_path / "bank.csv")
