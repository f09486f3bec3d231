"""Evidence of graph models: who is near, and how unusual the distance is among those that are known."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from heterophony.models import Banked
from heterophony.recipes.fold import Task, train_fold
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.neighbourhoods import SHOWN, neighbourhoods, novelty
from heterophony.recipes.samples import Samples
from heterophony.recipes.trained import Trained
from heterophony.taxonomy import from_pairs


def trained(train: Samples, held: Samples) -> Trained:
    raw = load_recipe("graph/dm").model_dump(mode="json")
    raw["model"] |= {"k": 4, "hidden": [6, 4]}
    raw["fit"] |= {"epochs": 2}
    task = Task(recipe=as_recipe(raw), taxonomy=from_pairs("t", ["a", "b"]), dims={"sound": 4, "words": 3})
    return train_fold(task, train, held, 1)[0]


@pytest.fixture
def samples(made: Callable[..., Samples]) -> Samples:
    return made([row % 2 for row in range(60)], ["sw", "s", "sw", "w", "sw"] * 12)


@pytest.fixture
def model(samples: Samples) -> Trained:
    return trained(samples.take(np.arange(40)), samples.take(np.arange(40, 50)))


def test_a_copy_of_a_known_sample_names_it_first(model: Trained, samples: Samples) -> None:
    copy = samples.take(np.array([5, 6, 8]))
    found = neighbourhoods(model, model.table(copy))
    assert [tuple(one.nearest) for one in found if one] == [("sound", "words"), ("sound",), ("words",)]
    first = found[0]
    assert first is not None
    assert [len(some) for some in first.nearest.values()] == [SHOWN, SHOWN]
    near = first.nearest["sound"][0]
    assert (near.id, near.label, near.words, near.distance) == ("r5", "b", "text5 class1", 0)
    member = model.members[0]
    assert isinstance(member, Banked)
    far = np.linalg.norm(samples.vectors["sound"][:40] - samples.vectors["sound"][5], axis=1)
    far[~samples.present["sound"][:40]] = np.inf
    want = np.sort(far)[:SHOWN] / member.bank.mu["sound"]
    np.testing.assert_allclose([one.distance for one in first.nearest["sound"]], want, rtol=1e-5)


def test_novelty_is_a_rank_among_the_known(model: Trained, samples: Samples) -> None:
    member = model.members[0]
    assert isinstance(member, Banked)
    far = samples.take(np.array([50]))
    moved = {name: x + 1000 for name, x in far.vectors.items()}
    (one,) = neighbourhoods(model, model.table(replace(far, vectors=moved)))
    assert one is not None
    assert one.novelty == 1.0
    new = model.table(samples.take(np.arange(50, 60)))
    found = member.neighbours(new)
    own = member.bank.novelty.numpy()
    got = novelty(member.bank, found)
    for row in range(10):
        each = [
            np.mean(own[~np.isnan(own[:, column]), column] < links.novelty[row])
            for column, links in enumerate(found.values())
            if not np.isnan(links.novelty[row])
        ]
        assert got[row] == pytest.approx(max(each))


def test_known_samples_are_spread_evenly_over_the_ranks(made: Callable[..., Samples]) -> None:
    """New samples of the same law as the bank: their novelty is about uniform, the mean about one half."""
    rng = np.random.default_rng(3)
    whole = made([row % 2 for row in range(400)], ["sw"] * 400)
    drawn = replace(whole, vectors={"sound": rng.normal(size=(400, 4)).astype("f4"), "words": np.zeros((400, 3), "f4")})
    drawn = replace(drawn, present={**drawn.present, "words": np.arange(400) < 2})
    drawn.vectors["words"][:2] = [[0, 0, 0], [1, 0, 0]]
    model = trained(drawn.take(np.arange(200)), drawn.take(np.arange(200, 210)))
    found = neighbourhoods(model, model.table(drawn.take(np.arange(210, 400))))
    ranks = np.array([one.novelty for one in found if one is not None], dtype=float)
    assert len(ranks) == 190
    assert abs(ranks.mean() - 0.5) < 4 / np.sqrt(12 * 190)
    assert 0.02 < np.mean(ranks > 0.9) < 0.2


def test_other_models_have_none(corpus_samples: Samples, run_folder: object) -> None:
    from heterophony.recipes.model_folder import load_model

    plain = load_model(str(run_folder))
    assert neighbourhoods(plain, plain.table(corpus_samples.take(np.arange(3)))) == [None] * 3
