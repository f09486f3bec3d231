from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.errors import AlignmentError, InputError
from heterophony.predictions import Predictions, align


@pytest.fixture
def table() -> Predictions:
    return Predictions(
        ids=("käse.wav", "b", "c"),
        logits=np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], np.float32),
        target=np.array([0, 1, -1]),
        fold=np.array([0, 1, 1]),
        classes=("x", "y"),
    )


def same(a: Predictions, b: Predictions) -> bool:
    arrays = all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("logits", "target", "fold"))
    return arrays and a.ids == b.ids and a.classes == b.classes


def test_a_saved_table_is_loaded_the_same(table: Predictions, tmp_path: Path) -> None:
    path = tmp_path / "predictions.npz"
    table.save(path)
    assert same(Predictions.load(path), table)
    assert [entry.name for entry in tmp_path.iterdir()] == ["predictions.npz"]


def test_an_empty_table_is_a_table(table: Predictions, tmp_path: Path) -> None:
    empty = table.take(np.array([], dtype=np.int64))
    empty.save(tmp_path / "empty.npz")
    assert len(Predictions.load(tmp_path / "empty.npz")) == 0


def test_two_saves_of_one_table_are_the_same_bytes(table: Predictions, tmp_path: Path) -> None:
    table.save(tmp_path / "a.npz")
    table.save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_align_undoes_a_permutation(table: Predictions) -> None:
    assert same(align(table, table.take(np.array([2, 0, 1]))), table)


def test_unequal_ids_are_named_not_cut(table: Predictions) -> None:
    other = replace(table, ids=("käse.wav", "b", "d"))
    with pytest.raises(AlignmentError, match="lacks c and has d besides"):
        align(table, other)
    with pytest.raises(AlignmentError, match="lacks c and has none besides"):
        align(table, table.take(np.array([0, 1])))


def test_other_folds_are_refused_where_they_must_be_the_same(table: Predictions) -> None:
    other = replace(table, fold=np.array([0, 0, 1]))
    assert align(table, other).fold.tolist() == [0, 0, 1]
    with pytest.raises(AlignmentError, match="different folds for b; train both on one split"):
        align(table, other, same_folds=True)


def test_other_classes_or_other_truths_are_not_aligned(table: Predictions) -> None:
    with pytest.raises(AlignmentError, match="x, y against y, x"):
        align(table, replace(table, classes=("y", "x")))
    with pytest.raises(AlignmentError, match="different targets for b"):
        align(table, replace(table, target=np.array([0, 0, 1])))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"ids": ("a", "b")}, AlignmentError, "unequal length"),
        ({"ids": ("a", "b", "a")}, AlignmentError, "more than once: a"),
        ({"classes": ("x",)}, AlignmentError, "1 classes but logits of shape"),
        ({"target": np.array([0, 2, 0])}, InputError, r"outside -1..1: b \(2\)"),
        ({"logits": np.array([[0, np.nan], [0, 0], [0, 0]], np.float32)}, InputError, "not finite for käse.wav"),
    ],
)
def test_tables_that_do_not_hold_together_are_refused(
    table: Predictions, change: dict[str, object], error: type[Exception], message: str
) -> None:
    # replace() passes through the run-time shape check first, which must not hide our own message
    fields = {name: getattr(table, name) for name in ("ids", "logits", "target", "fold", "classes")} | change
    with pytest.raises(error, match=message):
        Predictions(**fields)  # type: ignore[arg-type]


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(InputError, match=r"text\.npz: no table of predictions"):
        Predictions.load(tmp_path / "text.npz")
    np.savez(tmp_path / "part.npz", ids=np.array(["a"]))
    with pytest.raises(InputError, match=r"part\.npz.*wanted an \.npz with ids"):
        Predictions.load(tmp_path / "part.npz")
    np.savez(tmp_path / "evil.npz", ids=np.array([{}], dtype=object))
    with pytest.raises(InputError, match=r"evil\.npz"):
        Predictions.load(tmp_path / "evil.npz")
