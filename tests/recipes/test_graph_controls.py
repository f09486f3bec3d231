"""What stands beside a graph model: the names, what they are computed of, and what is said of it."""

from collections.abc import Callable

import numpy as np
import pytest

from heterophony.clips import stratified_split
from heterophony.predictions import softmax
from heterophony.recipes import graph_controls as module
from heterophony.recipes.cross_validate import run_fold
from heterophony.recipes.fold import Task
from heterophony.recipes.graph_controls import graph_controls, neighbours_of
from heterophony.recipes.graph_verdict import graph_verdict
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import FitSpec
from heterophony.taxonomy import from_pairs

PLAIN = {"mlp", "hatr", "mlp, smoothed", "mlp, corrected and smoothed"}


@pytest.fixture
def samples(made: Callable[..., Samples], monkeypatch: pytest.MonkeyPatch) -> Samples:
    monkeypatch.setattr(module, "PLAIN", FitSpec(epochs=3, batch=8))
    return made([row % 2 for row in range(40)], ["sw"] * 40, [f"u{row // 4}" for row in range(40)])


def task(**model: object) -> Task:
    raw = load_recipe("graph/dm").model_dump(mode="json")
    raw["model"] |= {"k": 3, "hidden": [8, 6], **model}
    raw["fit"] |= {"epochs": 5, "lr": 0.01}
    return Task(recipe=as_recipe(raw), taxonomy=from_pairs("t", ["a", "b"]), dims={"sound": 4, "words": 3})


@pytest.mark.parametrize(
    ("model", "apart"),
    [({}, False), ({"same_group": True}, True), ({"protocol": "transductive"}, True)],
)
def test_controls_stand_beside_every_graph_model_and_say_what_they_are(
    samples: Samples, model: dict[str, object], apart: bool
) -> None:
    split = stratified_split(samples.target.tolist(), folds=4, seed=1, ids=samples.ids)
    result, _ = run_fold(task(**model), samples, split, 0, evidence=True)
    assert set(result.controls) == PLAIN | ({"no edges in groups"} if apart else set())
    assert {table.ids for table in result.controls.values()} == {result.test["sound+words"].ids}
    assert set(result.neighbours) == {"sound", "words"}
    quiet, _ = run_fold(task(**model), samples, split, 0)
    assert not quiet.controls
    lines = graph_verdict([result], "sound+words", task().taxonomy)
    assert len(lines) == 3
    assert lines[0].startswith("neighbours of a test row by sound: ")
    assert lines[2].startswith("the graph ")
    assert graph_verdict([quiet], "sound+words", task().taxonomy) == []


def test_smoothing_is_over_the_models_own_neighbours(samples: Samples) -> None:
    whole = task()
    rows = np.arange(40)
    parts = (samples.take(rows[:24]), samples.take(rows[24:30]), samples.take(rows[30:]))
    trained, _ = module.train_fold(whole, parts[0], parts[1], 1)
    said = graph_controls(whole, parts, trained, 1)
    known = module.stacked(parts[0], parts[2])
    plain, _ = module.train_fold(module._without_graph(whole, module._plain_models(whole.recipe)["mlp"]), *parts[:2], 1)
    posterior = softmax(plain.say(plain.table(known)).logits)
    bank = trained.members[0].bank  # type: ignore[union-attr]
    links = trained.members[0].neighbours(trained.table(parts[2]))  # type: ignore[operator, union-attr]
    adjacency = np.zeros((34, 34))
    adjacency[:24, :24] = sum(graph.toarray() for graph in bank.adjacency) / 2  # type: ignore[union-attr]
    adjacency[24:, :24] = sum(one.weights.toarray() for one in links.values()) / 2
    want = posterior
    for _ in range(2):
        want = (adjacency + np.eye(34)) @ want / (1 + adjacency.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(softmax(said["mlp, smoothed"]), want[24:], atol=1e-5)
    looks = neighbours_of(trained, parts, whole)
    assert looks["sound"].training == 1
    assert looks["sound"].neighbours == 3
