"""A teacher that sees no test row, and a student that knows more than the labelled rows could tell."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from heterophony.recipes import teach
from heterophony.recipes.cross_validate import cross_validate, make_split, run_fold
from heterophony.recipes.fold import Task, train_fold
from heterophony.recipes.load import as_recipe
from heterophony.recipes.samples import Samples
from heterophony.recipes.teach import mean_epochs, teach_all, teach_fold
from heterophony.taxonomy import from_pairs
from heterophony.training import History

DIMS = {"sound": 60, "words": 4}


def task(stages: str = "together", fit: dict[str, object] | None = None, **keys: object) -> Task:
    recipe = {
        "name": "t",
        "modalities": {"sound": {"encoder": "yamnet"}, "words": {"encoder": "minilm"}},
        "priors": {"ear": {"kind": "linear", "of": "sound"}},
        "model": {"dim": 16, "hidden": 16},
        "augment": [{"name": "modality-dropout", "probability": 0.5}],
        "fit": {"epochs": 3, "batch": 16, "lr": 5e-3, **(fit or {})},
        "pseudo": {"of": ["unlabelled"], "share": 0.5, "stages": stages, "then_epochs": 2},
        "split": {"folds": 3},
        **keys,
    }
    return Task(recipe=as_recipe(recipe), taxonomy=from_pairs("t", ["a", "b"]), dims=DIMS)


def clusters(rows: int, seed: int, *, words: bool = True, labelled: bool = True) -> Samples:
    """Two classes: plain to read; to hear only for who knows the one direction among sixty in which they differ."""
    rng = np.random.default_rng(seed)
    target = np.arange(rows) % 2
    sound = rng.normal(size=(rows, 60))
    sound[:, 7] += 4 * (target - 0.5)
    read = rng.normal(scale=0.1, size=(rows, 4)) + np.eye(4)[target]
    present = {"sound": np.ones(rows, dtype=np.bool_), "words": np.full(rows, words)}
    return Samples(
        ids=tuple(f"{seed}-{row}" for row in range(rows)),
        texts=("",) * rows,
        groups=(None,) * rows,
        target=target if labelled else np.full(rows, -1),
        confidence=np.full(rows, np.nan, dtype=np.float32),
        sources=("" if labelled else "unlabelled",) * rows,
        vectors={"sound": sound.astype(np.float32), "words": read.astype(np.float32) * present["words"][:, None]},
        present=present,
    )


OWN, VALIDATION, POOL = clusters(30, 0), clusters(12, 1), clusters(60, 2, labelled=False)


def weights(trained: Any) -> list[torch.Tensor]:
    return [x for member in trained.members for x in member.state_dict().values()]


def same(one: Any, two: Any) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(two), strict=True))


@pytest.mark.parametrize("stages", ["together", "then-own"])
def test_unlabelled_rows_teach_what_few_labels_could_not(stages: str) -> None:
    """The teacher reads the words of the unlabelled rows; from their sounds the student learns to hear."""
    own, pool, test = clusters(32, 0), clusters(256, 2, labelled=False), clusters(400, 3, words=False)
    keys = {"fit": {"epochs": 15, "batch": 32, "lr": 1e-2, "validation": "train"}, "model": {"dim": 64, "hidden": 64}}
    pseudo = {"of": ["unlabelled"], "share": 1.0, "stages": stages}
    alone, _ = train_fold(task(priors={}, pseudo=None, **keys), own, clusters(4, 1), 5)
    taught, _ = teach_fold(task(priors={}, pseudo=pseudo, **keys), own, pool, clusters(4, 1), 5)
    right = [float((one.say(one.table(test)).logits.argmax(axis=1) == test.target).mean()) for one in (alone, taught)]
    assert right[1] > right[0] + 0.2, right
    assert right[1] > 0.85, right


@pytest.mark.parametrize("stages", ["together", "then-own"])
def test_labels_of_test_rows_change_nothing(stages: str) -> None:
    one = task(stages)
    split = make_split(one.recipe.split, OWN, [None] * len(OWN))
    _, _, test = split.parts(1)
    lying = replace(OWN, target=np.where(np.isin(np.arange(30), test), 1 - OWN.target, OWN.target))
    first, second = (run_fold(one, samples, split, 1, POOL)[1] for samples in (OWN, lying))
    assert same(first, second)
    elsewhere = replace(OWN, target=1 - OWN.target)
    assert not same(first, run_fold(one, elsewhere, split, 1, POOL)[1]), "labels do teach"


def test_a_fold_alone_is_the_fold_among_others() -> None:
    one = task("then-own")
    split = make_split(one.recipe.split, OWN, [None] * len(OWN))
    among = [trained for _, trained in cross_validate(one, OWN, split, POOL)]
    assert same(among[2], run_fold(one, OWN, split, 2, POOL)[1])
    assert among[2].recipe.pseudo is not None


def test_stages_are_told_one_by_one() -> None:
    _, together = teach_fold(task("together", members=2), OWN, POOL, VALIDATION, 5)
    _, staged = teach_fold(task("then-own", members=2), OWN, POOL, VALIDATION, 5)
    assert [len(history.earlier) for history in together] == [1, 1]
    assert [[len(one.rows) for one in (*history.earlier, history)] for history in staged] == [[3, 3, 2]] * 2
    assert staged[0].rows[0]["learning_rate"] == 1e-4
    assert staged[0].earlier[0].rows == together[0].earlier[0].rows, "the teacher is the same"


def test_first_the_soft_labels_alone_and_then_the_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, bool]] = []
    train = teach.train_member

    def watched(task: Task, ready: Any, held: Any, *rest: Any) -> Any:
        seen.append((len(ready), bool((ready.target.max(dim=1).values == 1).all())))
        return train(task, ready, held, *rest)

    monkeypatch.setattr(teach, "train_member", watched)
    lacking = replace(OWN, present={**OWN.present, "words": np.arange(30) % 3 > 0})
    teach_fold(task("then-own", pairs=1), lacking, POOL, VALIDATION, 5)
    assert seen == [(30, False), (30 + 10, True)], "half of the pool; own rows and the ten that borrow"


def test_what_validation_is_for_in_every_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    uses: list[str] = []
    fold = teach.train_fold

    def watched(task: Task, *rest: Any) -> Any:
        uses.append(task.recipe.fit.validation)
        return fold(task, *rest)

    monkeypatch.setattr(teach, "train_fold", watched)
    for use in ("choose", "refit", "train"):
        teach_fold(task("together", {"validation": use}), OWN, POOL, VALIDATION, 5)
    assert uses == ["choose", "choose", "choose", "refit", "train", "train"]
    trained, histories = teach_fold(task("then-own", {"validation": "refit"}), OWN, POOL, VALIDATION, 5)
    chosen, _ = teach_fold(task("then-own"), OWN, POOL, VALIDATION, 5)
    assert not same(trained, chosen)
    assert "accuracy" in histories[0].rows[0]
    _, trains = teach_fold(task("then-own", {"validation": "train"}), OWN, POOL, VALIDATION, 5)
    assert "accuracy" not in trains[0].rows[0]
    assert [one.best_epoch for one in (*trains[0].earlier, trains[0])] == [3, 3, 2]


@pytest.mark.parametrize("stages", ["together", "then-own"])
def test_on_all_rows_every_stage_has_the_epochs_of_the_folds(stages: str) -> None:
    def history(*epochs: int) -> History:
        *earlier, last = [History(best_epoch=epoch) for epoch in epochs]
        return replace(last, earlier=tuple(earlier))

    folds = [(3, 1, 2), (5, 2, 2)] if stages == "then-own" else [(3, 2), (5, 2)]
    student, got = teach_all(task(stages), OWN, POOL, 9, [[history(*epochs)] for epochs in folds])
    wanted = [4, 2, 2] if stages == "then-own" else [4, 2]
    assert [len(one.rows) for one in (*got[0].earlier, got[0])] == wanted
    assert student.recipe.pseudo is not None


def test_epochs_are_the_mean_over_the_folds_for_each_member() -> None:
    folds = [[History(best_epoch=1), History(best_epoch=8)], [History(best_epoch=2), History(best_epoch=0)]]
    assert mean_epochs(folds) == [2, 4]
    assert mean_epochs([[History(best_epoch=0)]]) == [1]
