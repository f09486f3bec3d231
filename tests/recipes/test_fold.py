"""One fold: what it is fitted on, and what it draws."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from heterophony.metrics import evaluate
from heterophony.recipes.fold import Task, train_all, train_fold
from heterophony.recipes.inputs import joined
from heterophony.recipes.samples import Samples


@pytest.fixture
def parts(corpus_samples: Samples) -> tuple[Samples, Samples]:
    rows = np.arange(36)
    return corpus_samples.take(rows[rows % 4 > 0]), corpus_samples.take(rows[rows % 4 == 0])


@pytest.fixture
def using(task: Task) -> Callable[..., Task]:
    """The task with other numbers of the loop, and other keys of the recipe."""

    def change(fit: dict[str, object], **keys: object) -> Task:
        recipe = task.recipe.model_copy(update={"fit": task.recipe.fit.model_copy(update=fit), **keys})
        return replace(task, recipe=recipe)

    return change


def weights(trained: object) -> list[torch.Tensor]:
    return [x for member in trained.members for x in member.state_dict().values()]  # type: ignore[attr-defined]


def test_validation_rows_choose_and_do_not_teach(task: Task, parts: tuple[Samples, Samples]) -> None:
    """Other recordings under the same labels in validation: same losses in training, epoch by epoch."""
    train, validation = parts
    other = replace(validation, vectors={name: x[::-1].copy() for name, x in validation.vectors.items()})
    _, one = train_fold(task, train, validation, 5)
    _, two = train_fold(task, train, other, 5)
    assert [row["train_loss"] for row in one[0].rows] == [row["train_loss"] for row in two[0].rows]
    assert [row["log_loss"] for row in one[0].rows] != [row["log_loss"] for row in two[0].rows]


def test_refit_trains_on_all_rows_for_the_best_number_of_epochs(
    using: Callable[..., Task], parts: tuple[Samples, Samples]
) -> None:
    task = using({"validation": "refit"})
    trained, histories = train_fold(task, *parts, 5)
    everything, _ = joined((parts[0], {}), (parts[1], {}))
    wanted, _ = train_all(task, everything, 5, [histories[0].best_epoch])
    for a, b in zip(weights(trained), weights(wanted), strict=True):
        assert torch.equal(a, b)


def test_members_draw_their_own_and_a_first_member_alone_is_the_first_of_two(
    using: Callable[..., Task], parts: tuple[Samples, Samples]
) -> None:
    two, histories = train_fold(using({"epochs": 2}, members=2), *parts, 5)
    one, _ = train_fold(using({"epochs": 2}), *parts, 5)
    assert len(histories) == 2
    for a, b in zip(weights(one), weights(replace(two, members=two.members[:1])), strict=True):
        assert torch.equal(a, b)
    first, second = (list(member.state_dict().values()) for member in two.members)
    assert not all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_training_leaves_the_global_randomness_alone(task: Task, parts: tuple[Samples, Samples]) -> None:
    before = torch.random.get_rng_state()
    train_fold(task, *parts, 5)
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_caller_hears_of_every_epoch(using: Callable[..., Task], parts: tuple[Samples, Samples]) -> None:
    heard: list[float] = []
    _, histories = train_fold(using({"epochs": 3}), *parts, 5, lambda row: heard.append(row["epoch"]))
    assert heard == [1, 2, 3]
    assert histories[0].best_epoch in (1, 2, 3)


def test_hierarchical_f1_may_choose_the_epoch(using: Callable[..., Task], parts: tuple[Samples, Samples]) -> None:
    trained, histories = train_fold(using({"epochs": 6, "monitor": "hierarchical_f1"}), *parts, 5)
    scores = [row["hierarchical_f1"] for row in histories[0].rows]
    assert histories[0].best_epoch == 1 + int(np.argmax(scores)), "the first of the best"
    logits = trained.say(trained.table(parts[1])).logits
    assert evaluate(logits, parts[1].target, trained.taxonomy)["hierarchical_f1"] == pytest.approx(max(scores))
