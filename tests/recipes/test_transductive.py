"""The transductive protocol: test rows shape the graph, their labels shape nothing, answers are the graph's."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from heterophony.clips import stratified_split
from heterophony.recipes.cross_validate import calibrate, run_fold
from heterophony.recipes.fold import Task
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.samples import Samples
from heterophony.taxonomy import from_pairs


@pytest.fixture
def samples(made: Callable[..., Samples]) -> Samples:
    return made([row % 2 for row in range(40)], ["sw"] * 40)


def task(protocol: str) -> Task:
    raw = load_recipe("graph/dm").model_dump(mode="json")
    raw["model"] |= {"k": 3, "hidden": [8, 6], "protocol": protocol}
    raw["fit"] |= {"epochs": 10, "lr": 0.01}
    return Task(recipe=as_recipe(raw), taxonomy=from_pairs("t", ["a", "b"]), dims={"sound": 4, "words": 3})


def fold(samples: Samples, protocol: str = "transductive") -> np.ndarray:
    split = stratified_split(samples.target.tolist(), folds=4, seed=1, ids=samples.ids)
    result, trained = run_fold(task(protocol), samples, split, 0)
    known = len(trained.members[0].bank.present)  # type: ignore[union-attr, operator]
    assert known == (40 if protocol == "transductive" else 40 - 10 - 6)
    assert list(result.test) == (["sound+words"] if protocol == "transductive" else ["sound", "words", "sound+words"])
    assert result.validation is not None
    assert len(result.validation) == 6
    assert set(calibrate([result], ("sound", "words"))) == {"sound", "words", "sound+words"}
    return result.test["sound+words"].logits


def test_labels_of_test_rows_change_nothing_and_their_vectors_do(samples: Samples) -> None:
    split = stratified_split(samples.target.tolist(), folds=4, seed=1, ids=samples.ids)
    said, (_, _, test) = fold(samples), split.parts(0)
    turned = samples.target.copy()
    turned[test] = 1 - turned[test]
    result, _ = run_fold(task("transductive"), replace(samples, target=turned), split, 0)
    np.testing.assert_array_equal(result.test["sound+words"].logits, said)
    moved = {name: x.copy() for name, x in samples.vectors.items()}
    moved["sound"][test[0]] += 5
    result, _ = run_fold(task("transductive"), replace(samples, vectors=moved), split, 0)
    assert (result.test["sound+words"].logits != said).any(axis=1).sum() > 1  # its company as well


def test_an_inductive_answer_depends_on_its_sample_alone(samples: Samples) -> None:
    split = stratified_split(samples.target.tolist(), folds=4, seed=1, ids=samples.ids)
    said, (_, _, test) = fold(samples, "inductive"), split.parts(0)
    moved = {name: x.copy() for name, x in samples.vectors.items()}
    moved["sound"][test[0]] += 5
    result, _ = run_fold(task("inductive"), replace(samples, vectors=moved), split, 0)
    np.testing.assert_allclose(result.test["sound+words"].logits[1:], said[1:], rtol=1e-5, atol=1e-6)
