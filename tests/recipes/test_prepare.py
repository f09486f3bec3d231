"""From a recipe and a collection to the arrays, folds and rows that training needs."""

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import Clip, Found, read_collection, write_split
from heterophony.errors import AlignmentError, InputError
from heterophony.recipes.collection import Collection, Sources, Work, read_sources, with_given
from heterophony.recipes.load import load_recipe
from heterophony.recipes.prepare import Prepared, prepare
from heterophony.recipes.spec import Recipe, RowsSpec


@pytest.fixture
def base(tiny_bst: Path) -> Recipe:
    return load_recipe(str(tiny_bst / "base.yaml"))


@pytest.fixture
def sources(bsd10k: Path, bsd35k: Path) -> Sources:
    return read_sources(read_collection(bsd10k), bsd10k, {"BSD35k-CS": bsd35k}, {}, Work())


@pytest.mark.shared_data
def test_the_published_folds_come_out_of_the_paper_s_baseline(shared_data: Path, tmp_path: Path) -> None:
    """All 15 lists of ids, in order; the vectors are random, since folds depend on rows and labels alone."""
    with (shared_data / "bsd10k" / "labels_v1.2_in_dataset_order.csv").open(encoding="utf-8") as file:
        clips = [Clip(id=row["sound_id"], label=row["class"]) for row in csv.DictReader(file)]
    vectors = np.random.default_rng(0).normal(size=(len(clips), 4)).astype(np.float32)
    features = dict.fromkeys(("sound", "words"), str(tmp_path / "v.npy"))
    np.save(tmp_path / "v.npy", vectors)
    recipe = with_given(load_recipe("bst/table1/clap"), features)
    ready = prepare(recipe, Sources(own=Collection(found=Found(tuple(clips)), features=features)))
    published = json.loads((shared_data / "bsd10k" / "published_splits.json").read_text())
    for fold in range(5):
        for part, rows in zip(("train", "val", "test"), ready.split.parts(fold), strict=True):
            names = [ready.samples.ids[row] for row in rows]
            expected = published[str(fold)][part]
            assert len(names) == expected["count"]
            assert hashlib.sha256("\n".join(names).encode()).hexdigest() == expected["sha256_of_newline_joined_ids"]


def test_only_complete_rows_are_kept_where_the_recipe_wants_that(base: Recipe, sources: Sources) -> None:
    whole = prepare(base, sources)
    assert len(whole.samples) == 44
    assert whole.incomplete == ["993"]
    assert all(there.all() for there in whole.samples.present.values())
    every = prepare(base.model_copy(update={"rows": RowsSpec()}), sources)
    assert (len(every.samples), every.incomplete) == (45, [])
    assert not every.samples.present["words"][every.samples.ids.index("993")]


def test_sound_alone_needs_no_words(tiny_bst: Path, sources: Sources) -> None:
    assert len(prepare(load_recipe(str(tiny_bst / "sound.yaml")), sources).samples) == 45


def test_where_no_row_is_complete_that_is_said(base: Recipe, tmp_path: Path) -> None:
    clips = (Clip(id="a", label="fx-a"), Clip(id="b", label="fx-a"))
    np.save(tmp_path / "s.npy", np.array([[1, 2], [np.nan, 0]], np.float32))
    np.save(tmp_path / "w.npy", np.array([[np.nan, 2], [1, 0]], np.float32))
    features = {"sound": str(tmp_path / "s.npy"), "words": str(tmp_path / "w.npy")}
    made = Sources(own=Collection(found=Found(clips), features=features))
    with pytest.raises(InputError, match=r"none of 2 clips has all of sound, words; set rows\.complete"):
        prepare(with_given(base, features), made)


def test_a_split_that_was_written_is_read_back_and_must_be_of_these_clips(
    base: Recipe, sources: Sources, tmp_path: Path, tiny_bst: Path
) -> None:
    other = base.model_copy(update={"split": base.split.model_copy(update={"seed": 9})})
    first = prepare(base, sources)
    write_split(first.split, tmp_path / "split.csv")
    again = prepare(other, sources, tmp_path / "split.csv")
    np.testing.assert_array_equal(again.split.fold, first.split.fold)
    assert not np.array_equal(prepare(other, sources).split.fold, first.split.fold)
    with pytest.raises(AlignmentError, match="holds 44 clips, 45 were asked for"):
        prepare(load_recipe(str(tiny_bst / "sound.yaml")), sources, tmp_path / "split.csv")


def test_clips_without_any_vector_are_refused_with_the_reason(base: Recipe, sources: Sources) -> None:
    clips = (*sources.own.found.clips, Clip(id="gone", label="fx-a"))
    made = replace(sources, own=replace(sources.own, found=Found(clips)))
    ready = prepare(base, made)
    assert [(one.clip.id, one.reason.partition(":")[0]) for one in ready.refused] == [("gone", "gone")]


def test_the_content_is_what_was_trained_on(base: Recipe, tiny_bst: Path, sources: Sources) -> None:
    first = prepare(base, sources)
    assert len(first.content) == 64
    assert prepare(base.model_copy(update={"seed": 5}), sources).content == first.content
    changed: list[Prepared] = []
    for name, arrays in first.samples.vectors.items():
        other = {**first.samples.vectors, name: arrays * 2}
        changed.append(replace(first, samples=replace(first.samples, vectors=other)))
    target = (first.samples.target + 1) % 23
    changed.append(replace(first, samples=replace(first.samples, target=target)))
    changed.append(replace(first, samples=replace(first.samples, ids=("x", *first.samples.ids[1:]))))
    changed.append(prepare(base.model_copy(update={"split": base.split.model_copy(update={"seed": 2})}), sources))
    changed.append(prepare(load_recipe(str(tiny_bst / "median.yaml")), sources))
    assert len({one.content for one in [first, *changed]}) == 1 + len(changed)


def test_another_seed_keeps_rows_and_folds(base: Recipe, sources: Sources) -> None:
    first = prepare(base, sources)
    other = first.with_seed(7)
    assert (other.task.recipe.seed, first.task.recipe.seed) == (7, 1821)
    assert other.samples is first.samples
    assert other.split is first.split


def test_recipes_that_ask_for_the_same_rows_share_their_arrays(
    base: Recipe, tiny_bst: Path, bsd10k: Path, bsd35k: Path
) -> None:
    """Else a sweep of 30 recipes would hold the vectors of the collection 30 times."""
    sources = read_sources(read_collection(bsd10k), bsd10k, {"BSD35k-CS": bsd35k}, {}, Work())
    median = load_recipe(str(tiny_bst / "median.yaml"))
    extra = {"BSD35k-CS": median.extra["BSD35k-CS"].model_copy(update={"weight": 0.3, "equalise": None})}
    weighted = median.model_copy(update={"extra": extra})
    runs = [prepare(recipe, sources) for recipe in (base, median, weighted)]
    assert runs[0].samples is runs[1].samples is runs[2].samples
    assert runs[1].extra is runs[2].extra
    assert prepare(base.model_copy(update={"rows": RowsSpec()}), sources).samples is not runs[0].samples
    fresh = replace(
        sources, own=replace(sources.own, found=replace(sources.own.found, clips=sources.own.found.clips[1:]))
    )
    assert len(prepare(base, fresh).samples) == 43
