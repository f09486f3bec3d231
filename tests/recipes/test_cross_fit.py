"""The parts of rows for cross-fitted vectors, and spaces that are turned into one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import Split, clip_of, given_split, grouped_split, official_split
from heterophony.errors import InputError
from heterophony.recipes.cross_fit import gather, rows_to_test, without
from heterophony.recipes.fold import Task
from heterophony.recipes.prepare import Prepared
from heterophony.recipes.samples import Samples


@pytest.fixture
def ready(task: Task, made: Callable[..., Samples]) -> Prepared:
    """36 rows of three classes and twelve groups, some of none; every third group is tested."""
    groups = [None if row % 9 == 0 else f"u{row // 3}" for row in range(36)]
    samples = made([row % 3 for row in range(36)], ["sw"] * 36, groups)
    part = ["test" if row // 3 % 3 == 1 else "train" for row in range(36)]
    split = official_split(samples.target.tolist(), part, ids=samples.ids)
    origins = tuple(f"from {key}" for key in samples.ids)
    return Prepared(task=task, samples=samples, split=split, extra=None, refused=(), incomplete=(), origins=origins)


def test_the_test_part_is_the_fixed_one_or_that_of_a_fold(ready: Prepared) -> None:
    fixed = rows_to_test(ready, None)
    assert fixed.tolist() == [row // 3 % 3 == 1 for row in range(36)]
    assert rows_to_test(ready, 0).tolist() == fixed.tolist()
    with pytest.raises(InputError, match="no fold 1: this split has the folds 0 to 0"):
        rows_to_test(ready, 1)
    folds = given_split(ready.samples.target.tolist(), [str(row // 3 % 3) for row in range(36)])
    crossed = replace(ready, split=folds)
    assert not rows_to_test(crossed, None).any()
    assert rows_to_test(crossed, 2).tolist() == [row // 3 % 3 == 2 for row in range(36)]


def test_the_other_rows_are_parted_by_group_and_the_test_part_is_not_there(ready: Prepared) -> None:
    test = rows_to_test(ready, None)
    known = without(ready, test, 3)
    assert known.samples.ids == tuple(key for key, there in zip(ready.samples.ids, test, strict=True) if not there)
    assert known.split.ids == known.samples.ids
    assert known.origins == [f"from {key}" for key in known.samples.ids]
    assert (known.split.folds, known.split.fixed_test) == (3, False)
    split = known.task.recipe.split
    assert (split.kind, split.folds, split.seed) == ("grouped", 3, ready.task.recipe.split.seed)
    assert known.task.recipe.model_copy(update={"split": ready.task.recipe.split}) == ready.task.recipe
    for fold in range(3):
        groups = [{known.samples.groups[row] for row in rows} - {None} for rows in known.split.parts(fold)]
        assert not groups[0] & groups[1]
        assert not groups[2] & (groups[0] | groups[1])


def test_segments_of_a_clip_of_no_group_stay_together(ready: Prepared) -> None:
    ids = tuple(f"c{row // 3}#s{row % 3}" for row in range(36))
    samples = replace(ready.samples, ids=ids, groups=(None,) * 36, target=np.arange(36) // 3 % 3)
    known = without(replace(ready, samples=samples), np.zeros(36, dtype=bool), 4)
    where = {(clip_of(key), int(fold)) for key, fold in zip(ids, known.split.fold, strict=True)}
    assert len(where) == 12
    with pytest.raises(InputError, match="3 classes have fewer than 13 clips"):
        without(replace(ready, samples=samples), np.zeros(36, dtype=bool), 13)


def turned(dim: int, seed: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))[0]


@pytest.fixture
def spaces(tmp_path: Path) -> tuple[dict[str, np.ndarray], np.ndarray, Split, Path]:
    """Encoders of three folds that are the final ones, turned and moved: vectors, test rows, folds of the others."""
    rng = np.random.default_rng(0)
    test = np.arange(60) % 5 == 2
    final = {"sound": rng.normal(size=(60, 6)), "pictures": rng.normal(size=(60, 4))}
    final = {name: x.astype(np.float32) for name, x in final.items()}
    final["pictures"][::7] = np.nan
    rows = np.flatnonzero(~test)
    split = grouped_split((rows % 2).tolist(), rows.tolist(), folds=3)
    for fold in range(3):
        part = np.empty(len(rows), dtype="<U5")
        for name, some in zip(("train", "val", "test"), split.parts(fold), strict=True):
            part[some] = name
        made = {name: (x[rows] @ turned(x.shape[1], fold) + 10 * fold).astype("f4") for name, x in final.items()}
        (tmp_path / f"fold_{fold}").mkdir()
        np.savez(
            tmp_path / f"fold_{fold}" / "embeddings.npz", ids=np.array([str(row) for row in rows]), part=part, **made
        )
    return final, test, split, tmp_path


def test_encoders_that_are_each_other_turned_give_equal_vectors(spaces: tuple) -> None:
    final, test, _, run = spaces
    vectors, moved = gather(final, test, run, 3, aligned=True)
    for name, x in final.items():
        np.testing.assert_allclose(vectors[name], x, atol=1e-5)
        assert vectors[name].dtype == np.float32
    assert [(one.fold, one.modality) for one in moved] == [(k, name) for k in range(3) for name in final]
    for one in moved:
        assert one.before > 0.5
        assert one.spread == pytest.approx(1, abs=1e-5)
        assert one.after is not None
        assert one.held is not None
        assert max(one.after, one.held) < 1e-9
    _, _, split, _ = spaces
    taught = [len(split.parts(one.fold)[0]) for one in moved]
    assert [one.rows for one in moved if one.modality == "sound"] == taught[::2]
    assert all(one.rows < rows for one, rows in zip(moved, taught, strict=True) if one.modality == "pictures")


def test_unaligned_vectors_are_those_of_the_fold_that_did_not_know_the_row(spaces: tuple) -> None:
    final, test, split, run = spaces
    vectors, moved = gather(final, test, run, 3, aligned=False)
    rows = np.flatnonzero(~test)
    for name, x in final.items():
        np.testing.assert_array_equal(vectors[name][test], x[test])
        for fold in range(3):
            own = rows[split.fold == fold]
            np.testing.assert_allclose(vectors[name][own], x[own] @ turned(x.shape[1], fold) + 10 * fold, rtol=1e-5)
    assert [(one.after, one.held) for one in moved] == [(None, None)] * 6
    assert "they are left so" in moved[0].told


def test_a_fold_that_was_taught_nothing_of_a_modality_is_refused(spaces: tuple) -> None:
    final, test, split, run = spaces
    with np.load(run / "fold_1" / "embeddings.npz") as archive:
        arrays = dict(archive)
    arrays["sound"][split.parts(1)[0]] = np.nan
    np.savez(run / "fold_1" / "embeddings.npz", **arrays)
    with pytest.raises(InputError, match=r"fold 1, sound: none of the \d+ rows that taught it has any"):
        gather(final, test, run, 3, aligned=True)
