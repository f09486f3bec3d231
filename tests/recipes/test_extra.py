"""Rows of other data sets: which, how labelled, with which words, and that they only ever enter training rows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heterophony.clips import read_collection
from heterophony.errors import ConfigError, InputError
from heterophony.recipes.collection import Sources, Work, read_sources
from heterophony.recipes.extra import extra_samples, with_extra
from heterophony.recipes.fold import Task
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.taxonomy import BST

DIMS = {"sound": 8, "words": 6}


def with_extras(recipe: Recipe, **extra: Any) -> Recipe:
    return as_recipe(recipe.model_dump(mode="json") | {"extra": extra})


@pytest.fixture
def sources(bsd10k: Path, bsd35k: Path, external: dict[str, Path]) -> Callable[..., Sources]:
    """Makes the small BSD10k with all the others beside it; these have vectors for the modalities named."""

    def make(*modalities: str) -> Sources:
        extras = {"BSD35k-CS": bsd35k, "ESC-50": external["ESC-50"], "FSD50K": external["FSD50K"]}
        features = {
            f"{modality}@{name}": str(external[f"{name}_{modality}"])
            for modality in modalities
            for name in ("ESC-50", "FSD50K")
        }
        return read_sources(read_collection(bsd10k), bsd10k, extras, features, Work())

    return make


@pytest.fixture
def base(tiny_bst: Path) -> Recipe:
    return load_recipe(str(tiny_bst / "base.yaml"))


def taken(recipe: Recipe, sources: Sources) -> Samples:
    found, refused = extra_samples(recipe, sources, DIMS, BST)
    assert found is not None
    assert refused == []
    return found


def test_external_clips_are_mapped_and_those_of_the_collection_left_out(
    sources: Callable[..., Sources], tiny_bst: Path
) -> None:
    """1000 and 993 are of BSD10k; 80003 has labels of two classes; rain is ss-n, the fan ss-i, the chatter sp-c."""
    found = taken(load_recipe(str(tiny_bst / "external.yaml")), sources("sound"))
    assert found.ids == ("1-70001-A-0", "1-70002-A-0", "1-70003-A-10", "80001", "80002")
    assert [BST.classes[c] for c in found.target] == ["fx-a", "fx-a", "ss-n", "sp-c", "ss-i"]
    assert found.sources == ("ESC-50",) * 3 + ("FSD50K",) * 2
    assert np.isnan(found.confidence).all()


def test_without_the_leak_they_have_no_words_even_where_vectors_are_given(
    sources: Callable[..., Sources], tiny_bst: Path
) -> None:
    for given in (sources("sound"), sources("sound", "words")):
        found = taken(load_recipe(str(tiny_bst / "external.yaml")), given)
        assert found.present["sound"].all()
        assert not found.present["words"].any()
        assert not found.vectors["words"].any()
        assert found.texts == ("",) * 5


def test_the_leak_gives_each_class_its_phrase(sources: Callable[..., Sources], tiny_bst: Path) -> None:
    found = taken(load_recipe(str(tiny_bst / "leak.yaml")), sources("sound", "words"))
    assert found.present["words"].all()
    assert found.texts == tuple(BST.readable(BST.classes[c]) for c in found.target)


def test_words_of_ones_own_tree_are_kept_unless_the_recipe_says_none(
    sources: Callable[..., Sources], base: Recipe
) -> None:
    own = taken(with_extras(base, **{"BSD35k-CS": {}}), sources())
    assert own.present["words"].all()
    assert own.texts[0].startswith("Title 5000. ")
    bare = taken(with_extras(base, **{"BSD35k-CS": {"words": "none"}}), sources())
    assert not bare.present["words"].any()
    assert bare.texts == ("",) * 24
    with pytest.raises(ConfigError, match="words: phrase is for data sets whose labels are mapped"):
        taken(with_extras(base, **{"BSD35k-CS": {"words": "phrase"}}), sources())


def test_the_sound_that_both_have_is_left_out_and_classes_may_be_chosen(
    sources: Callable[..., Sources], base: Recipe
) -> None:
    everything = taken(with_extras(base, **{"BSD35k-CS": {}}), sources())
    assert len(everything) == 24
    assert "1000" not in everything.ids
    chosen = taken(with_extras(base, **{"BSD35k-CS": {"classes": ["sp-c"]}}), sources())
    assert {BST.classes[c] for c in chosen.target} == {"sp-c"}


def test_a_data_set_without_wanted_classes_gives_no_row(sources: Callable[..., Sources], base: Recipe) -> None:
    weak = {"labels": "ESC-50", "classes": ["sp-c", "ss-i"]}
    assert extra_samples(with_extras(base, **{"ESC-50": weak}), sources(), DIMS, BST) == (None, [])


def test_a_data_set_that_is_not_given_is_asked_for(sources: Callable[..., Sources], base: Recipe) -> None:
    lacking = replace(sources(), extras={})
    with pytest.raises(ConfigError, match=r"trains on ESC-50, X as well; give --extra ESC-50=FOLDER --extra X=FOLDER"):
        extra_samples(with_extras(base, **{"ESC-50": {}, "X": {}}), lacking, DIMS, BST)


def test_clips_that_cannot_be_used_are_told_and_a_data_set_of_nothing_else_is_refused(
    sources: Callable[..., Sources], tiny_bst: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(str(tiny_bst / "external.yaml"))
    table = np.full((4, 8), np.nan, np.float32)
    table[0] = 1
    np.save(tmp_path / "some.npy", table)
    made = sources("sound")
    some = replace(made.extras["ESC-50"], features={"sound": str(tmp_path / "some.npy")})
    found, refused = extra_samples(recipe, replace(made, extras={**made.extras, "ESC-50": some}), DIMS, BST)
    assert found is not None
    assert [one.clip.id for one in refused] == ["1-70002-A-0", "1-70003-A-10"]
    assert found.ids == ("1-70001-A-0", "80001", "80002")
    table[[0, 1]] = table[[1, 0]]  # only the clip that is in the collection has a vector
    np.save(tmp_path / "some.npy", table)
    with pytest.raises(InputError, match="--extra ESC-50: none of 3 clips can be used; 1-70001-A-0: no vector in"):
        extra_samples(recipe, replace(made, extras={**made.extras, "ESC-50": some}), DIMS, BST)


def test_vectors_of_another_size_are_refused(sources: Callable[..., Sources], tiny_bst: Path) -> None:
    with pytest.raises(InputError, match="clip 1-70001-A-0: sound has 8 numbers, the others have 9"):
        extra_samples(load_recipe(str(tiny_bst / "external.yaml")), sources("sound"), DIMS | {"sound": 9}, BST)


@pytest.fixture
def pool(made: Callable[..., Samples]) -> Samples:
    """Four rows of class 0, six of class 1, one of class 2, of a data set called more."""
    return replace(made([0] * 4 + [1] * 6 + [2], ["sw"] * 11), sources=("more",) * 11)


def test_all_rows_come_after_those_of_the_fold(made: Callable[..., Samples], pool: Samples, base: Recipe) -> None:
    train = made([0, 1, 2], ["sw"] * 3)
    both = with_extra(with_extras(base, more={}), train, pool)
    assert both.sources == ("",) * 3 + ("more",) * 11
    np.testing.assert_array_equal(both.target, [0, 1, 2, *pool.target])
    assert with_extra(base, train, pool) is train
    assert with_extra(base, train, None) is train


@pytest.mark.parametrize(("goal", "counts"), [("median", [3, 3, 5]), ("max", [5, 5, 5])])
def test_equalising_lifts_each_class_to_the_goal_of_the_folds_own_rows(
    made: Callable[..., Samples], pool: Samples, base: Recipe, goal: str, counts: list[int]
) -> None:
    """Counts of the fold 3, 1, 5: median 3, largest 5. Rows that came in before from elsewhere do not count."""
    train = made([0] * 3 + [1] + [2] * 5, ["sw"] * 9)
    other = replace(made([1] * 7, ["s"] * 7), sources=("other",) * 7)
    everything = replace(
        pool,
        **{name: getattr(pool, name) + getattr(other, name) for name in ("ids", "texts", "groups", "sources")},
        target=np.concatenate([pool.target, other.target]),
        confidence=np.concatenate([pool.confidence, other.confidence]),
        vectors={name: np.concatenate([x, other.vectors[name]]) for name, x in pool.vectors.items()},
        present={name: np.concatenate([x, other.present[name]]) for name, x in pool.present.items()},
    )
    recipe = with_extras(base, other={}, more={"equalise": goal})
    both = with_extra(recipe, train, everything)
    rows = [source != "other" for source in both.sources]
    assert np.bincount(both.target[rows]).tolist() == counts
    assert both.sources.count("other") == 7


def test_the_goal_may_be_scaled(made: Callable[..., Samples], pool: Samples, base: Recipe) -> None:
    recipe = with_extras(base, more={"equalise": "max", "factor": 0.5})
    both = with_extra(recipe, made([0] * 8 + [1], ["sw"] * 9), pool)
    assert np.bincount(both.target).tolist() == [8, 4]


def test_extra_rows_enter_the_training_rows_of_every_fold_and_are_never_predicted(
    sources: Callable[..., Sources], tiny_bst: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heterophony.recipes import cross_validate
    from heterophony.recipes.prepare import prepare

    ready = prepare(load_recipe(str(tiny_bst / "external.yaml")), sources("sound"))
    seen: list[tuple[Samples, Samples]] = []
    real = cross_validate.train_fold

    def spied(task: Task, train: Samples, validation: Samples, *rest: Any) -> Any:
        seen.append((train, validation))
        return real(task, train, validation, *rest)

    monkeypatch.setattr(cross_validate, "train_fold", spied)
    results = [
        result for result, _ in cross_validate.cross_validate(ready.task, ready.samples, ready.split, ready.extra)
    ]
    own = set(ready.samples.ids)
    assert ready.extra is not None
    for (train, validation), result in zip(seen, results, strict=True):
        assert set(ready.extra.ids) <= set(train.ids)
        assert set(validation.ids) <= own
        assert set(result.test["sound+words"].ids) <= own
    assert sorted(key for result in results for key in result.test["sound+words"].ids) == sorted(own)
