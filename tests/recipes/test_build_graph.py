"""Graph models in recipes: what a recipe refuses, what is fitted, saved and loaded, and whom rows are linked with."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from heterophony.errors import ConfigError
from heterophony.models import AtGcn, Banked, DmGcn
from heterophony.recipes.collection import refuse_other_modalities, with_given
from heterophony.recipes.fold import Task, train_fold
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.model_folder import load_model, save_model
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.taxonomy import from_pairs

KINDS = ("mean", "dm", "at")


def task(kind: str, **model: object) -> Task:
    raw = load_recipe(f"graph/{kind}").model_dump(mode="json")
    raw["model"] |= {"k": 3, "hidden": [8, 6], **model}
    raw["fit"] |= {"epochs": 30, "lr": 0.01}
    dims = {"sound": 4, "words": 3}
    dims = {name: dims[name] for name in raw["modalities"]}
    return Task(recipe=as_recipe(raw), taxonomy=from_pairs("t", ["a", "b"]), dims=dims)


@pytest.fixture
def parts(made: Callable[..., Samples]) -> tuple[Samples, Samples]:
    has = ["sw", "sw", "s", "sw", "w", "sw"] * 6
    target = [row // 3 % 2 for row in range(36)]
    whole = made(target, has, [f"u{row // 4}" for row in range(36)])
    rows = np.arange(36)
    return whole.take(rows[rows % 4 > 0]), whole.take(rows[rows % 4 == 0])


def banked(trained: object) -> Banked:
    (member,) = trained.members  # type: ignore[attr-defined]
    assert isinstance(member, Banked)
    return member


@pytest.mark.parametrize("kind", KINDS)
def test_a_fold_is_fitted_saved_and_loaded_with_the_rows_that_it_knows(
    kind: str, parts: tuple[Samples, Samples], tmp_path: Path
) -> None:
    train, held = parts
    trained, (history,) = train_fold(task(kind), train, held, 7)
    assert history.rows[-1]["train_loss"] < history.rows[0]["train_loss"]
    assert [row["epoch"] for row in history.rows if "accuracy" in row] == [5, 10, 15, 20, 25, 30]
    assert isinstance(banked(trained).network, AtGcn if kind == "at" else DmGcn)
    save_model(trained, tmp_path, "card")
    loaded = load_model(str(tmp_path))
    said, again = (one.say(one.table(held)) for one in (trained, loaded))
    np.testing.assert_array_equal(said.logits, again.logits)
    for row in (0, 4):
        alone = trained.say(trained.table(held.take(np.array([row]))))
        np.testing.assert_allclose(alone.logits[0], said.logits[row], rtol=1e-5, atol=1e-6)


def test_the_same_seed_gives_the_same_bytes(parts: tuple[Samples, Samples]) -> None:
    states = [banked(train_fold(task("dm"), *parts, seed)[0]).state_dict() for seed in (3, 3, 4)]
    assert all(torch.allclose(x, states[1][name], rtol=0, atol=0, equal_nan=True) for name, x in states[0].items())
    assert not torch.equal(states[0]["network.head.weight"], states[2]["network.head.weight"])


def test_rows_of_a_group_are_linked_only_if_the_recipe_says_so(parts: tuple[Samples, Samples]) -> None:
    groups = parts[0].groups

    def inside(**model: object) -> int:
        bank = banked(train_fold(task("dm", **model), *parts, 1)[0]).bank
        edges = [pair for graph in bank.adjacency for pair in zip(*graph.nonzero(), strict=True)]
        return sum(groups[row] == groups[column] for row, column in edges)

    assert inside() == 0
    assert inside(same_group=True) > 0


def test_theta_has_its_own_rate_unless_the_papers_is_asked_for(parts: tuple[Samples, Samples]) -> None:
    def moved(**model: object) -> float:
        network = banked(train_fold(task("dm", **model), *parts, 1)[0]).network
        assert isinstance(network, DmGcn)
        assert network.theta is not None
        return float(network.theta.detach().abs().max())

    assert moved(theta_lr=1e-6) < 1e-3
    assert moved(theta_lr=0.1) > moved(paper_theta_lr=True) > 1e-2


def test_one_modality_and_no_graph(parts: tuple[Samples, Samples]) -> None:
    whole = task("single", hidden=[5, 4])
    assert list(whole.recipe.modalities) == ["sound"]
    with_sound = [part.take(np.flatnonzero(part.present["sound"])) for part in parts]
    sounds = [
        Samples(
            ids=part.ids,
            texts=part.texts,
            groups=part.groups,
            target=part.target,
            confidence=part.confidence,
            sources=part.sources,
            vectors={"sound": part.vectors["sound"]},
            present={"sound": part.present["sound"]},
        )
        for part in with_sound
    ]
    trained, _ = train_fold(whole, sounds[0], sounds[1], 1)
    assert trained.say(trained.table(sounds[1])).logits.shape == (len(sounds[1]), 2)
    recipe = load_recipe("graph/mlp")
    raw = recipe.model_dump(mode="json") | {"fit": recipe.fit.model_dump(mode="json") | {"epochs": 2, "batch": 8}}
    plain = Task(recipe=as_recipe(raw), taxonomy=whole.taxonomy, dims={"sound": 4, "words": 3})
    _, (history,) = train_fold(plain, *parts, 1)
    assert len(history.rows) == 2


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "r.yaml"
    path.write_text("extends: graph/dm\n" + text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_recipe(str(path))
    return str(caught.value)


def test_what_no_graph_can_use_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, "augment: [{name: noise}]\npairs: 2\n")
    assert "model dm-gcn takes no augment: leave them out; no pairs: leave them out" in message
    message = refused(tmp_path, "loss: {name: hierarchical, top_weight: 1}\n")
    assert "no the hierarchical loss: it has no head for the tops" in message
    assert "no 2 modalities: take mean-gcn, dm-gcn or at-gcn" in refused(tmp_path, "model: {name: gcn}\n")
    assert "no such name 'dm-gnn'; did you mean dm-gcn?" in refused(tmp_path, "model: {name: dm-gnn}\n")


def test_views_of_any_name_take_the_place_of_the_modalities() -> None:
    recipe = load_recipe("graph/dm")
    given = {"scores": "a/v.npz:x", "speech": "b.npz", "speech@other": "c.npz"}
    refuse_other_modalities(recipe, given)
    assert {name: one.encoder for name, one in with_given(recipe, given).modalities.items()} == {
        "scores": "given:v.npz:x",
        "speech": "given:b.npz",
    }
    own = with_given(recipe, {"sound": "v.npz"})
    assert {name: one.encoder for name, one in own.modalities.items()} == {"sound": "given:v.npz", "words": "minilm"}
    strict: Recipe = load_recipe("esc50/hatr")
    with pytest.raises(ConfigError, match="esc50/hatr has no such modality"):
        refuse_other_modalities(strict, given)


def test_views_that_are_not_a_recipes_own_do_not_replace_what_it_has() -> None:
    """In a sweep vectors are given for some of the recipes only."""
    words: Recipe = load_recipe("esc50/hatr-words")
    assert with_given(words, {"sound": "v.npz"}).modalities == words.modalities


def test_views_that_a_model_cannot_take_are_told() -> None:
    with pytest.raises(ConfigError, match=r"graph/single with --features:\n.*no 2 modalities: take mean-gcn"):
        with_given(load_recipe("graph/single"), {"a": "a.npz", "b": "b.npz"})
