"""SIGN in recipes: fitted in mini-batches, saved, loaded, grown; each protocol; the disk changes hardly anything."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from heterophony.clips import stratified_split
from heterophony.errors import ModelError
from heterophony.models import Banked, Sign, SignOnNodes
from heterophony.recipes.bank import added
from heterophony.recipes.build import build_loss, build_settings
from heterophony.recipes.build_graph import build_graph_model
from heterophony.recipes.cross_validate import run_fold
from heterophony.recipes.fit_sign import fit_sign
from heterophony.recipes.fold import Task, train_fold
from heterophony.recipes.graph_fit import GraphFit
from heterophony.recipes.inputs import table
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.model_folder import load_model, save_model
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import DmGcnSpec, SignSpec
from heterophony.recipes.trained import Trained
from heterophony.taxonomy import from_pairs


def task(name: str = "sign", **model: object) -> Task:
    raw = load_recipe(f"graph/{name}").model_dump(mode="json")
    raw["model"] |= {"hidden": [8, 6], **model}
    raw["model"] |= {"k": 3} if name == "sign" else {}
    raw["fit"] |= {"epochs": 12, "lr": 0.02, "batch": 8}
    return Task(recipe=as_recipe(raw), taxonomy=from_pairs("t", ["a", "b"]), dims={"sound": 4, "words": 3})


@pytest.fixture
def samples(made: Callable[..., Samples]) -> Samples:
    return made([row // 3 % 2 for row in range(40)], ["sw", "sw", "s", "sw", "w"] * 8)


def banked(trained: Trained) -> Banked:
    (member,) = trained.members
    assert isinstance(member, Banked)
    return member


def sign_of(trained: Trained) -> Sign:
    network = banked(trained).network
    assert isinstance(network, SignOnNodes)
    return network.sign


def test_it_is_fitted_saved_loaded_and_grown(samples: Samples, tmp_path: Path) -> None:
    train, held, new = (samples.take(np.arange(*ends)) for ends in ((0, 24), (24, 32), (32, 40)))
    trained, (history,) = train_fold(task(), train, held, 7)
    assert history.rows[-1]["train_loss"] < history.rows[0]["train_loss"]
    assert all("accuracy" in row for row in history.rows)
    theta = sign_of(trained).theta
    assert tuple(theta.shape) == (5,)
    assert bool((theta.detach() != 0).all())
    save_model(trained, tmp_path, "card")
    said = trained.say(trained.table(new)).logits
    loaded = load_model(str(tmp_path))
    np.testing.assert_array_equal(loaded.say(loaded.table(new)).logits, said)
    alone = trained.say(trained.table(new.take(np.array([3])))).logits
    np.testing.assert_allclose(alone[0], said[3], rtol=1e-5, atol=1e-6)
    assert not np.array_equal(added(loaded, held).say(loaded.table(new)).logits, said)


def test_the_validation_rows_are_attached_as_new_ones_are(samples: Samples) -> None:
    train, held = samples.take(np.arange(30)), samples.take(np.arange(30, 40))
    trained, (history,) = train_fold(task(), train, held, 7)
    best = history.rows[history.best_epoch - 1]
    right = trained.say(trained.table(held)).logits.argmax(axis=1) == held.target
    assert best["accuracy"] == pytest.approx(right.mean())


def test_without_steps_it_is_the_mlp_of_the_same_seed_in_all_but_the_draw(samples: Samples) -> None:
    train, held = samples.take(np.arange(30)), samples.take(np.arange(30, 40))
    one, _ = train_fold(task(steps=0), train, held, 7)
    other, _ = train_fold(task("mlp"), train, held, 7)
    names = dict(sign_of(one).mlp.named_parameters())
    for name, x in other.members[0].named_parameters():
        torch.testing.assert_close(names[name], x, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        one.say(one.table(held)).logits, other.say(other.table(held)).logits, rtol=1e-3, atol=1e-4
    )


def test_the_disk_changes_hardly_anything(samples: Samples) -> None:
    train, held = samples.take(np.arange(30)), samples.take(np.arange(30, 40))
    said = []
    for blocks in ("memory", "disk"):
        trained, _ = train_fold(task(blocks=blocks), train, held, 7)
        said.append(trained.say(trained.table(held)).logits)
    np.testing.assert_allclose(said[0], said[1], atol=0.05)


@pytest.mark.parametrize("protocol", ["inductive", "clip", "transductive"])
def test_every_protocol(samples: Samples, protocol: str) -> None:
    split = stratified_split(samples.target.tolist(), folds=4, seed=1, ids=samples.ids)
    result, trained = run_fold(task(protocol=protocol), samples, split, 0)
    assert np.isfinite(result.test["sound+words"].logits).all()
    assert len(banked(trained).bank.present) == (40 if protocol == "transductive" else 24)


def test_another_model_is_refused(samples: Samples) -> None:
    one, dm = task(), load_recipe("graph/dm").model
    assert isinstance(dm, DmGcnSpec)
    assert isinstance(one.recipe.model, SignSpec)
    rows = table(samples, {}, 2)
    given = GraphFit(
        loss=build_loss(one.recipe.loss, one.taxonomy, rows),
        settings=build_settings(one.recipe.fit),
        score=lambda *_: {},
        generator=torch.Generator(),
    )
    other = build_graph_model(dm, one.dims, one.taxonomy)
    with pytest.raises(ModelError, match="fit_sign: wanted a Sign, got DmGcn"):
        fit_sign(other, one.recipe.model, rows, None, given.settings, given)
