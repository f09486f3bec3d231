"""Three protocols: what an answer depends on, and that their numbers are not taken for one kind."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import stratified_split
from heterophony.recipes.build_graph import GraphSpec
from heterophony.recipes.cross_validate import run_fold
from heterophony.recipes.fold import Task, train_fold
from heterophony.recipes.graph_controls import graph_controls
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.protocol import ALONE, protocol_of, protocol_of_run, seen_together, unlike
from heterophony.recipes.samples import Samples
from heterophony.taxonomy import from_pairs


def task(protocol: str) -> Task:
    raw = load_recipe("graph/dm").model_dump(mode="json")
    raw["model"] |= {"k": 3, "hidden": [8, 6], "protocol": protocol}
    raw["fit"] |= {"epochs": 10, "lr": 0.01}
    return Task(recipe=as_recipe(raw), taxonomy=from_pairs("t", ["a", "b"]), dims={"sound": 4, "words": 3})


@pytest.fixture
def samples(made: Callable[..., Samples]) -> Samples:
    """Forty clips, four in a group."""
    return made([row // 4 % 2 for row in range(40)], ["sw"] * 40, [f"u{row // 4}" for row in range(40)])


def test_who_sees_whom(made: Callable[..., Samples]) -> None:
    rows = made([0] * 6, ["sw"] * 6, ["u", "v", "u", None, None, "u"])
    clips = seen_together(task("clip").recipe, rows)
    assert clips is not None
    assert clips.tolist() == [0, 1, 0, 2, 3, 0]
    cut = replace(rows, ids=("a#s0", "a#s1", "b#s0", "a", "c", "d"))
    clips = seen_together(task("clip").recipe, cut)
    assert clips is not None
    assert clips.tolist() == [0, 0, 1, 2, 3, 4]  # segments of one clip, whatever their group
    assert seen_together(task("inductive").recipe, rows) is None
    assert seen_together(load_recipe("esc50/hatr"), rows) is None


def test_an_answer_depends_on_its_clip_and_on_nothing_else(samples: Samples) -> None:
    train, held, test = (samples.take(np.arange(*ends)) for ends in ((0, 24), (24, 32), (32, 40)))
    trained, _ = train_fold(task("clip"), train, held, 1)
    said = trained.say(trained.table(test)).logits
    moved = {name: x.copy() for name, x in test.vectors.items()}
    moved["sound"][0] += 0.5
    other = trained.say(trained.table(replace(test, vectors=moved))).logits
    assert (np.abs(other[:4] - said[:4]).max(axis=1) > 1e-5).all()
    np.testing.assert_allclose(other[4:], said[4:], rtol=1e-5, atol=1e-6)
    for rows in (np.arange(4, 8), np.array([7, 5, 6, 4])):
        alone = trained.say(trained.table(test.take(rows))).logits
        np.testing.assert_allclose(alone, said[rows], rtol=1e-5, atol=1e-6)
    nobody = replace(test, groups=(None,) * 8)
    inductive = replace(trained, recipe=task("inductive").recipe)
    np.testing.assert_allclose(
        trained.say(trained.table(nobody)).logits, inductive.say(inductive.table(test)).logits, rtol=1e-6
    )


def test_a_fold_of_the_clip_protocol_has_validation_predictions_and_its_control(samples: Samples) -> None:
    split = stratified_split(samples.target.tolist(), folds=4, seed=1, ids=samples.ids)
    one, (result, trained) = task("clip"), run_fold(task("clip"), samples, split, 0)
    parts = tuple(samples.take(rows) for rows in split.parts(0))
    assert result.validation is not None
    train, validation, test = parts
    np.testing.assert_array_equal(
        result.validation.logits, trained.say(trained.table(validation), ("sound", "words")).logits
    )
    controls = graph_controls(one, (train, validation, test), trained, 1)
    assert "no edges in groups" in controls
    assert controls["mlp, smoothed"].shape == (len(test), 2)


def test_protocols_have_names(tmp_path: Path) -> None:
    assert [protocol_of(task(name).recipe) for name in ("inductive", "clip", "transductive")] == [
        ALONE,
        "clip",
        "transductive",
    ]
    assert protocol_of(load_recipe("graph/mlp")) == ALONE
    assert protocol_of_run(tmp_path) is None
    for text, want in (
        ("model: {name: dm-gcn, protocol: clip}", "clip"),
        ("model: {name: dm-gcn, protocol: inductive}", ALONE),
        ("name: x", ALONE),
    ):
        (tmp_path / "recipe.yaml").write_text(text)
        assert protocol_of_run(tmp_path) == want
    assert isinstance(task("clip").recipe.model, GraphSpec)


def test_tables_of_different_protocols_are_told_apart() -> None:
    assert unlike({"a": "clip", "b": None}) == ""
    assert unlike({"a": ALONE, "b": ALONE}) == ""
    assert unlike({"a": "clip", "b": ALONE}) == (
        "not like for like: a (clip) sees the test samples of the same clip; "
        "b (each sample alone) sees no other test sample"
    )
