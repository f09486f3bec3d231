"""Folds, and temperatures from what was held out."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from heterophony.errors import InputError
from heterophony.predictions import Predictions, fit_temperature, pooled
from heterophony.recipes.cross_validate import (
    FEWEST,
    FoldResult,
    calibrate,
    cross_validate,
    make_split,
    validated,
)
from heterophony.recipes.fold import Task, derive, train_fold
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import SplitSpec

CLASSES = ("a", "b", "c")


def predictions(rows: int, sharpness: float, *, start: int = 0, seed: int = 0) -> Predictions:
    """Logits whose right temperature is `sharpness`: drawn from their own softmax, then sharpened."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (rows, 3))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    target = np.array([rng.choice(3, p=row) for row in p], dtype=np.int64)
    ids = tuple(str(start + row) for row in range(rows))
    return Predictions(ids, (sharpness * logits).astype(np.float32), target, np.zeros(rows, np.int64), CLASSES)


def result(test: dict[str, Predictions], paired: dict[str, Predictions] | None = None) -> FoldResult:
    return FoldResult(fold=0, histories=[], validation=None, test=test, paired=paired or {})


def test_a_set_with_samples_enough_is_fitted_on_them() -> None:
    sound, words, both = (predictions(4000, sharp, seed=seed) for seed, sharp in enumerate((1.0, 2.0, 4.0)))
    found = calibrate([result({"sound": sound, "words": words, "sound+words": both})], ("sound", "words"))
    for key, wanted in (("sound", 1.0), ("words", 2.0), ("sound+words", 4.0)):
        assert found[key].value == pytest.approx(wanted, rel=0.1)
        assert (found[key].samples, found[key].paired) == (4000, False)


def test_the_temperature_of_a_set_comes_from_rows_that_have_all_of_it() -> None:
    """Of the whole table only the rows in both parts count: the others have one modality alone."""
    n = FEWEST
    sound, words = predictions(2 * n, 1.0), predictions(2 * n, 1.0, start=n)
    whole = pooled([predictions(n, 8.0), predictions(n, 2.0, start=n), predictions(n, 8.0, start=2 * n)])
    found = calibrate([result({"sound": sound, "words": words, "sound+words": whole})], ("sound", "words"))
    assert found["sound+words"].samples == n
    assert found["sound+words"].value == fit_temperature(
        *(getattr(predictions(n, 2.0), x) for x in ("logits", "target"))
    )


def test_where_rows_are_few_borrowed_pairs_count() -> None:
    sound, words = predictions(100, 1.0), predictions(100, 1.0, start=90)
    whole, pairs = predictions(190, 8.0), predictions(2000, 3.0)
    test = {"sound": sound, "words": words, "sound+words": whole}
    found = calibrate([result(test, {"sound+words": pairs})], ("sound", "words"))
    assert (found["sound+words"].samples, found["sound+words"].paired) == (2000, True)
    assert found["sound+words"].value == pytest.approx(3.0, rel=0.15)


def test_a_small_collection_without_pairs_is_calibrated_on_its_own_rows() -> None:
    own = predictions(FEWEST, 4.0)
    found = calibrate([result({"sound": own, "words": own, "sound+words": own})], ("sound", "words"))
    assert {(one.samples, one.paired) for one in found.values()} == {(FEWEST, False)}
    wanted = fit_temperature(own.logits, own.target)
    assert found["sound"].value == found["sound+words"].value == wanted


def test_where_there_is_nothing_the_least_sure_is_taken_over() -> None:
    few = predictions(FEWEST - 1, 9.0)
    test = {"sound": predictions(500, 3.0), "words": few, "sound+words": few}
    found = calibrate([result(test)], ("sound", "words"))
    assert found["words"].value == found["sound+words"].value == found["sound"].value
    assert found["words"].samples == 0
    nothing = calibrate([result({"sound": few, "words": few, "sound+words": few})], ("sound", "words"))
    assert {one.value for one in nothing.values()} == {1.0}


def test_folds_are_pooled_row_by_row() -> None:
    one, two = predictions(3, 1.0), predictions(2, 1.0, start=3)
    both = pooled([one, replace(two, fold=np.ones(2, np.int64))])
    assert both.ids == ("0", "1", "2", "3", "4")
    assert both.fold.tolist() == [0, 0, 0, 1, 1]


def test_the_split_is_the_one_that_the_recipe_asks_for(made: Callable[..., Samples]) -> None:
    samples = made([row % 2 for row in range(40)], ["sw"] * 40, [f"g{row // 4}" for row in range(40)])
    given = ["xy"[row % 4 // 2] for row in range(40)]
    named = make_split(SplitSpec(kind="given"), samples, given)
    assert named.fold.tolist() == [row % 4 // 2 for row in range(40)]
    grouped = make_split(SplitSpec(kind="grouped", folds=3), samples, given)
    for fold in range(3):
        parts = [{samples.groups[row] for row in part} for part in grouped.parts(fold)]
        assert parts[0].isdisjoint(parts[1])
        assert parts[0].isdisjoint(parts[2])
        assert parts[1].isdisjoint(parts[2])
    assert make_split(SplitSpec(folds=4), samples, given).folds == 4
    with pytest.raises(InputError, match="clips have no fold"):
        make_split(SplitSpec(kind="given"), samples, [None] * 40)
    with pytest.raises(InputError, match="clips have no group"):
        make_split(SplitSpec(kind="grouped"), replace(samples, groups=(None,) * 40), given)


def test_a_column_of_parts_is_one_fold_with_a_fixed_test_part(made: Callable[..., Samples]) -> None:
    samples = made([row % 2 for row in range(40)], ["sw"] * 40, [f"g{row // 4}" for row in range(40)])
    part = ["train" if row < 28 else "test" for row in range(40)]
    split = make_split(SplitSpec(kind="given"), samples, part)
    assert (split.folds, split.fixed_test, split.parts(0)[2].tolist()) == (1, True, list(range(28, 40)))
    train, validation = ({samples.groups[row] for row in rows} for rows in split.parts(0)[:2])
    assert train.isdisjoint(validation)


def test_segments_of_a_clip_are_never_parted(made: Callable[..., Samples]) -> None:
    samples = made([row % 2 for row in range(40)], ["sw"] * 40, [f"g{row // 4}" for row in range(40)])
    cut = replace(samples, ids=tuple(f"{key}#s0" for key in samples.ids))
    assert make_split(SplitSpec(kind="grouped", folds=3), cut, [None] * 40).folds == 3
    with pytest.raises(InputError, match=r"split\.kind stratified would train on a clip's segments and test others"):
        make_split(SplitSpec(), cut, [None] * 40)


def test_where_the_test_part_is_fixed_validation_gives_the_temperatures() -> None:
    test, held = predictions(4000, 8.0), predictions(4000, 2.0, seed=1)
    whole = replace(result({"sound": test, "sound+words": test}), validation=held)
    found = calibrate(validated([whole], ("sound", "words")), ("sound", "words"))
    assert found["sound+words"].value == pytest.approx(2.0, rel=0.1)
    assert (found["sound"].value, found["sound"].samples) == (found["sound+words"].value, 0)
    nothing = calibrate(validated([result({"sound+words": test})], ("sound", "words")), ("sound", "words"))
    assert {one.value for one in nothing.values()} == {1.0}


def test_a_fold_alone_is_the_fold_among_the_others(task: Task, corpus_samples: Samples) -> None:
    split = make_split(task.recipe.split, corpus_samples, [])
    among, _ = list(cross_validate(task, corpus_samples, split))[2]
    train, validation, test = (corpus_samples.take(rows) for rows in split.parts(2))
    alone, histories = train_fold(task, train, validation, derive(task.recipe.seed, 2))
    assert [history.rows for history in histories] == [history.rows for history in among.histories]
    np.testing.assert_array_equal(alone.say(alone.table(test)).logits, among.test["sound+words"].logits)


def test_test_rows_are_those_of_the_fold_with_what_they_have(task: Task, corpus_samples: Samples) -> None:
    split = make_split(task.recipe.split, corpus_samples, [])
    first, _ = next(iter(cross_validate(task, corpus_samples, split)))
    held = corpus_samples.take(split.parts(0)[2])
    assert first.test["sound+words"].ids == held.ids
    for modality in task.dims:
        rows = np.flatnonzero(held.present[modality])
        assert first.test[modality].ids == held.take(rows).ids
    assert first.validation is not None
    assert set(first.validation.ids) == {corpus_samples.ids[row] for row in split.parts(0)[1]}


def test_seeds_are_derived_the_same_every_time_and_apart_from_each_other() -> None:
    assert derive(1821, 3) == derive(1821, 3)
    assert len({derive(1821, fold) for fold in range(100)} | {derive(fold) for fold in range(100)}) == 200
