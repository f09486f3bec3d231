"""Out-of-fold vectors: each row from the fold that tested it; what leaks, and that the nested way does not."""

import json
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import Split, write_split
from heterophony.errors import AlignmentError, InputError
from heterophony.predictions import Predictions, log_softmax
from heterophony.predictions.evidence import Evidence
from heterophony.recipes.out_of_fold import KEY, ROOTS, write_out_of_fold
from heterophony.store.given import read_given

CLASSES = ("a", "b", "c")


def predictions(ids: tuple[str, ...], logits: np.ndarray, fold: int = 0) -> Predictions:
    rows = np.zeros(len(ids), dtype=np.int64)
    return Predictions(ids, logits.astype(np.float32), rows, rows + fold, CLASSES)


def write_run(run: Path, ids: tuple[str, ...], fold: np.ndarray, logits: np.ndarray, words: np.ndarray) -> None:
    """A run's folder with just what is read: two modalities, words where `words` is True."""
    parts = [np.flatnonzero(fold != number) for number in range(fold.max() + 1)]
    none = {number: np.zeros(0, dtype=np.int64) for number in range(fold.max() + 1)}
    run.mkdir()
    write_split(Split(ids, fold, dict(enumerate(parts)), none), run / "split.csv")
    (run / "model").mkdir()
    temperatures = {"sound": {"value": 2.0}, "words": {"value": 3.0}, "sound+words": {"value": 0.5}}
    (run / "model" / "calibration.json").write_text(json.dumps(temperatures))
    for number in range(fold.max() + 1):
        rows = np.flatnonzero(fold == number)
        own = tuple(ids[row] for row in rows)
        folder = run / f"fold_{number}"
        folder.mkdir()
        predictions(own, logits[rows], number).save(folder / "predictions_test.npz")
        count = len(rows)
        Evidence(
            ids=own,
            modalities=("sound", "words"),
            present=np.stack([np.ones(count, dtype=bool), words[rows]], axis=1),
            attention=np.full((count, 2), 0.5, dtype=np.float32),
            before=np.zeros((count, 0), dtype=np.float16),
            latent=np.zeros((count, 4), dtype=np.float16),
        ).save(folder / "evidence_test.npz")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    ids = tuple(f"r{row}" for row in range(9))
    write_run(tmp_path / "run", ids, np.arange(9) % 3, rng.normal(size=(9, 3)), np.arange(9) % 2 == 0)
    return tmp_path / "run"


def test_each_row_has_the_word_of_the_fold_that_tested_it(run: Path, tmp_path: Path) -> None:
    assert write_out_of_fold(run, tmp_path / "v.npz") == (9, 0)
    given = read_given(f"{tmp_path / 'v.npz'}:{KEY}", [f"r{row}" for row in range(9)])
    logits = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
    for row in range(9):
        want = log_softmax(logits[row][None].astype(np.float64) / (0.5 if row % 2 == 0 else 2.0))[0]
        vector = given.get(f"r{row}")
        assert vector is not None
        np.testing.assert_allclose(vector, want, rtol=1e-5)
        assert np.exp(vector).sum() == pytest.approx(1, rel=1e-5)
        root = read_given(f"{tmp_path / 'v.npz'}:{ROOTS}", [f"r{row}"]).get(f"r{row}")
        assert root is not None
        np.testing.assert_allclose(root, np.exp(want / 2), rtol=1e-5)


def test_roots_are_near_where_rows_believe_alike(run: Path, tmp_path: Path) -> None:
    """Both are sure of one class; what they say of the others, all but nothing, differs by powers of ten."""
    said = np.log(np.array([[1, 1e-14, 1e-3], [1, 1e-3, 1e-14], [1e-3, 1, 1e-3]]))
    predictions(("x", "y", "z"), said).save(tmp_path / "rest.npz")
    write_out_of_fold(run, tmp_path / "v.npz", tmp_path / "rest.npz")
    with np.load(tmp_path / "v.npz") as archive:
        root, log = archive[ROOTS][-3:], archive[KEY][-3:]
    np.testing.assert_allclose(np.linalg.norm(root, axis=1), 1, rtol=1e-5)
    assert np.linalg.norm(root[0] - root[1]) < 0.05 * np.linalg.norm(root[0] - root[2])
    assert np.linalg.norm(log[0] - log[1]) > np.linalg.norm(log[0] - log[2])


def test_the_rest_joins_as_predict_wrote_it(run: Path, tmp_path: Path) -> None:
    said = np.log(np.array([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]]))
    predictions(("x", "y"), said).save(tmp_path / "rest.npz")
    assert write_out_of_fold(run, tmp_path / "v.npz", tmp_path / "rest.npz") == (9, 2)
    with np.load(tmp_path / "v.npz") as archive:
        assert archive["part"].tolist() == ["out-of-fold"] * 9 + ["rest"] * 2
        assert archive["ids"].tolist()[-2:] == ["x", "y"]
        np.testing.assert_allclose(archive[KEY][-2:], said, rtol=1e-5)


def test_what_lacks_or_was_seen_is_refused(run: Path, tmp_path: Path) -> None:
    predictions(("x", "r3"), np.zeros((2, 3))).save(tmp_path / "rest.npz")
    with pytest.raises(InputError, match="1 of 2 rows are in the run, whose final model was taught by them: r3"):
        write_out_of_fold(run, tmp_path / "v.npz", tmp_path / "rest.npz")
    other = Predictions(("x",), np.zeros((1, 3), "f4"), np.zeros(1, "i8"), np.zeros(1, "i8"), ("b", "a", "c"))
    other.save(tmp_path / "rest.npz")
    with pytest.raises(AlignmentError, match="its classes are not those of the run"):
        write_out_of_fold(run, tmp_path / "v.npz", tmp_path / "rest.npz")
    (run / "fold_2" / "predictions_test.npz").unlink()
    with pytest.raises(InputError, match=r"fold_2/predictions_test\.npz: not there; this takes a run"):
        write_out_of_fold(run, tmp_path / "v.npz")


def memoriser(x: np.ndarray, label: np.ndarray, taught: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The label of the nearest row that it was taught, as logits: an extractor that overfits."""
    near = taught[np.abs(x[asked][:, None] - x[taught][None]).argmin(axis=1)]
    return 20.0 * np.eye(3)[label[near]]


def test_one_run_leaks_through_near_duplicates_and_a_nested_one_does_not(tmp_path: Path) -> None:
    """Pairs of near-duplicates with labels of pure chance, each pair in two folds: nothing can be learned of them.

    A row's nearest neighbour (a graph knows it) carries, in one run's out-of-fold vectors, the row's own label: all of
    them could be read off. In vectors of a run without the tested fold they say what chance says.
    """
    rng = np.random.default_rng(1)
    pairs = 150
    x = np.repeat(np.arange(pairs), 2) + np.tile([0.0, 0.1], pairs)
    label, fold = rng.integers(0, 3, 2 * pairs), np.tile([0, 1], pairs)
    fold[::6] = fold[1::6] + 1  # three folds
    fold %= 3
    ids, twin = tuple(f"r{row}" for row in range(2 * pairs)), np.arange(2 * pairs) ^ 1
    assert (fold[twin] != fold).all()
    everything, words = np.arange(2 * pairs), np.ones(2 * pairs, dtype=bool)

    def read_off(path: Path, asked: np.ndarray) -> float:
        given = read_given(f"{path}:{KEY}", ids)
        said = [given.get(ids[row]) for row in twin[asked]]
        return float(
            np.mean([one is not None and one.argmax() == label[row] for one, row in zip(said, asked, strict=True)])
        )

    def out_of_fold(rows: np.ndarray, name: str) -> Path:
        logits = np.zeros((len(rows), 3))
        for number in range(3):
            taught, asked = rows[fold[rows] != number], np.flatnonzero(fold[rows] == number)
            logits[asked] = memoriser(x, label, taught, rows[asked]) if len(asked) else 0
        kept = np.unique(fold[rows], return_inverse=True)[1]
        write_run(tmp_path / name, tuple(ids[row] for row in rows), kept, logits, words[rows])
        return tmp_path / name

    tested = np.flatnonzero(fold == 0)
    write_out_of_fold(out_of_fold(everything, "one"), tmp_path / "one.npz")
    assert read_off(tmp_path / "one.npz", tested) == 1.0
    others = np.flatnonzero(fold != 0)
    nested = out_of_fold(others, "nested")
    predictions(tuple(ids[row] for row in tested), memoriser(x, label, others, tested)).save(tmp_path / "rest.npz")
    write_out_of_fold(nested, tmp_path / "nested.npz", tmp_path / "rest.npz")
    assert read_off(tmp_path / "nested.npz", tested) == pytest.approx(1 / 3, abs=4 * np.sqrt(2 / 9 / len(tested)))
