"""Banks of saved models grow and shrink; what is not asked for stays as it was."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from heterophony.errors import InputError, ModelError
from heterophony.models import Banked
from heterophony.recipes.bank import added, bank_facts, changed_card, removed
from heterophony.recipes.fold import Task, train_fold
from heterophony.recipes.load import as_recipe, load_recipe
from heterophony.recipes.model_folder import load_model, save_model
from heterophony.recipes.samples import Samples
from heterophony.recipes.trained import Trained
from heterophony.taxonomy import from_pairs


@pytest.fixture
def samples(made: Callable[..., Samples]) -> Samples:
    return made(
        [row % 2 for row in range(60)], ["sw", "s", "sw", "w", "sw"] * 12, [f"u{row // 2}" for row in range(60)]
    )


@pytest.fixture
def model(samples: Samples) -> Trained:
    raw = load_recipe("graph/dm").model_dump(mode="json") | {"members": 2}
    raw["model"] |= {"k": 4, "hidden": [6, 4]}
    raw["fit"] |= {"epochs": 2}
    task = Task(recipe=as_recipe(raw), taxonomy=from_pairs("t", ["a", "b"]), dims={"sound": 4, "words": 3})
    return train_fold(task, samples.take(np.arange(40)), samples.take(np.arange(40, 44)), 1)[0]


def banks(model: Trained) -> list[Banked]:
    return [member for member in model.members if isinstance(member, Banked)]


def said(model: Trained, samples: Samples) -> np.ndarray:
    return model.say(model.table(samples)).logits


def test_added_samples_are_asked_and_removed_ones_are_forgotten(
    model: Trained, samples: Samples, tmp_path: Path
) -> None:
    new, asked = samples.take(np.arange(44, 54)), samples.take(np.arange(54, 60))
    before = said(model, asked)
    larger = added(model, new)
    assert len(larger.members) == 2
    assert [len(one.bank.present) for one in banks(larger)] == [50, 50]
    assert larger.known is not None
    assert larger.known.ids == (*samples.ids[:40], *new.ids)
    assert not np.array_equal(said(larger, asked), before)
    np.testing.assert_array_equal(said(model, asked), before)  # the old one is as it was
    for one, other in zip(banks(model), banks(larger), strict=True):
        assert all(torch.equal(x, other.network.state_dict()[name]) for name, x in one.network.state_dict().items())
    np.testing.assert_array_equal(said(removed(larger, new.ids), asked), before)
    save_model(larger, tmp_path, "card")
    loaded = load_model(str(tmp_path))
    assert loaded.known == larger.known
    np.testing.assert_array_equal(said(loaded, asked), said(larger, asked))


def test_groups_stay_apart(model: Trained, samples: Samples) -> None:
    larger = added(model, samples.take(np.arange(44, 54)))
    assert larger.known is not None
    groups = larger.known.groups
    for bank in (one.bank for one in banks(larger)):
        for graph in bank.adjacency:
            assert all(groups[row] != groups[column] for row, column in zip(*graph.nonzero(), strict=True))


def test_what_it_knows_is_told(model: Trained, samples: Samples) -> None:
    unknown = samples.take(np.arange(44, 46))
    unknown.target[0] = -1
    facts = dict(bank_facts(added(model, unknown)))
    assert facts["model"] == "graph/dm, dm-gcn"
    assert facts["samples"] == "42 of 21 groups"
    assert facts["classes"] == "a 20, b 21; 1 without a class"
    assert facts["sound"].startswith("34 have it, ")
    assert "(95 %) of the mean distance" in facts["words"]


def test_a_bank_that_was_altered_is_refused(model: Trained, tmp_path: Path) -> None:
    save_model(model, tmp_path, "card")
    path = tmp_path / "bank.csv"
    path.write_text(path.read_text().replace('"r3"', '"r33"'))
    with pytest.raises(ModelError, match=r"bank\.csv: SHA-256 .* it was altered"):
        load_model(str(tmp_path))
    path.unlink()
    with pytest.raises(ModelError, match=r"bank\.csv: missing"):
        load_model(str(tmp_path))


def refused(model: Trained, ids: Sequence[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        removed(model, ids)


def test_what_cannot_be_is_refused(model: Trained, samples: Samples, trained: Trained) -> None:
    with pytest.raises(InputError, match="2 ids are in the bank already, or come twice: r38, r39"):
        added(model, samples.take(np.arange(38, 42)))
    refused(model, ["r1", "q"], "1 of 2 ids are not in the bank: q")
    refused(model, [], "0 of 0 ids")
    refused(model, samples.ids[1:40], "a graph needs two or more")
    with pytest.raises(ModelError, match="is no graph model, and knows no samples"):
        bank_facts(trained)


def test_the_card_says_what_was_done() -> None:
    card = changed_card("# m\n\n## Scores\n", "3 samples were added.")
    assert card.startswith("# m\n\n## Scores\n\n## Changed bank\n\n3 samples were added. Weights")
