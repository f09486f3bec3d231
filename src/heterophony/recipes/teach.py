"""Training with pseudo-labels: a teacher, its labels for other rows, and a student that learns from both kinds."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from heterophony.recipes.fold import OnEpoch, Task, as_trained, derive, prepared, train_all, train_fold, train_member
from heterophony.recipes.inputs import stacked, table
from heterophony.recipes.priors import log_priors
from heterophony.recipes.pseudo_labels import drawn, probabilities, soft_labelled
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import PseudoSpec
from heterophony.recipes.trained import Trained
from heterophony.training import History

TEACHER, DRAW, THEN = 101, 102, 103
"""What the seeds of the teacher, of the draw and of the second stage are derived with."""


def teach_fold(
    task: Task, train: Samples, pool: Samples, validation: Samples, seed: int, on_epoch: OnEpoch | None = None
) -> tuple[Trained, list[History]]:
    """`fold.train_fold` for a recipe with `pseudo`: teacher, soft labels for a part of `pool`, student.

    With `stages: together` the student learns from all rows at once. With `then-own` it learns from the soft labels
    alone first, and then from the fold's own rows, at a lower rate (stages 2 and 3 of audio_text.md 9.2); validation
    chooses the epoch of both.

    Args:
        task: Recipe, tree, sizes.
        train: Samples with labels.
        pool: Samples that get soft labels.
        validation: More samples with labels. With `fit.validation: refit` the teacher does not learn from them: they
            would choose the student's epoch by labels that it has by way of the teacher.
        seed: Of this fold.
        on_epoch: Called with each row of the student's histories.

    Returns:
        The student (not calibrated), and the history of each member's last stage, the others in `earlier`.
    """
    spec, plain = _parts(task)
    use = "choose" if plain.recipe.fit.validation == "refit" else plain.recipe.fit.validation
    teaching = _with_fit(plain.below("teacher"), validation=use)
    teacher, taught = train_fold(teaching, train, validation, derive(seed, TEACHER))
    rows = _labelled(teacher, pool, spec, seed)
    if spec.stages == "together":
        student, histories = train_fold(plain, stacked(train, rows), validation, seed, on_epoch)
    else:
        student, histories = _then_own_fold(task, train, rows, validation, seed, on_epoch)
    return replace(student, recipe=task.recipe), _after(taught, histories)


def teach_all(
    task: Task, samples: Samples, pool: Samples, seed: int, folds: Sequence[Sequence[History]]
) -> tuple[Trained, list[History]]:
    """`fold.train_all` for a recipe with `pseudo`: every stage takes as many epochs as in the folds, on average.

    Args:
        task: Recipe, tree, sizes.
        samples: Samples with labels.
        pool: Samples that get soft labels.
        seed: Of all that is drawn.
        folds: What `teach_fold` gave for each fold.
    """
    spec, plain = _parts(task)
    epochs = mean_epochs([[history.earlier[0] for history in some] for some in folds])
    teacher, taught = train_all(plain.below("teacher"), samples, derive(seed, TEACHER), epochs)
    rows = _labelled(teacher, pool, spec, seed)
    then = mean_epochs(folds)
    if spec.stages == "together":
        student, histories = train_all(plain, stacked(samples, rows), seed, then)
    else:
        first = mean_epochs([[history.earlier[1] for history in some] for some in folds])
        student, histories = _then_own(task, samples, rows, None, seed, list(zip(first, then, strict=True)))
    return replace(student, recipe=task.recipe), _after(taught, histories)


def mean_epochs(folds: Sequence[Sequence[History]]) -> list[int]:
    """For each member the best epoch, the mean over the folds, rounded, at least 1."""
    return [max(1, round(float(np.mean([one.best_epoch for one in some])))) for some in zip(*folds, strict=True)]


def _parts(task: Task) -> tuple[PseudoSpec, Task]:
    """What is asked for, and the task without it."""
    spec = task.recipe.pseudo
    assert spec is not None
    return spec, replace(task, recipe=task.recipe.model_copy(update={"pseudo": None}))


def _with_fit(task: Task, **numbers: object) -> Task:
    fit = task.recipe.fit.model_copy(update=numbers)
    return replace(task, recipe=task.recipe.model_copy(update={"fit": fit}))


def _labelled(teacher: Trained, pool: Samples, spec: PseudoSpec, seed: int) -> Samples:
    part = drawn(pool, spec.share, derive(seed, DRAW))
    return soft_labelled(part, probabilities(teacher, part), spec.weight_of_teacher)


def _after(taught: Sequence[History], histories: Sequence[History]) -> list[History]:
    return [replace(own, earlier=(first, *own.earlier)) for first, own in zip(taught, histories, strict=True)]


def _then_own_fold(
    task: Task, train: Samples, rows: Samples, validation: Samples, seed: int, on_epoch: OnEpoch | None
) -> tuple[Trained, list[History]]:
    """The two stages, the validation rows used as the recipe says."""
    spec, fit = _parts(task)[0], task.recipe.fit
    everything = stacked(train, validation)
    if fit.validation == "train":
        counts = [(fit.epochs, spec.then_epochs)] * task.recipe.members
        return _then_own(task, everything, rows, None, seed, counts, on_epoch)
    student, histories = _then_own(task, train, rows, validation, seed, None, on_epoch)
    if fit.validation == "refit":
        counts = [(history.earlier[0].best_epoch, history.best_epoch) for history in histories]
        student, _ = _then_own(task.below("refit"), everything, rows, None, seed, counts, on_epoch)
    return student, histories


def _then_own(
    task: Task,
    own: Samples,
    rows: Samples,
    validation: Samples | None,
    seed: int,
    counts: Sequence[tuple[int, int]] | None,
    on_epoch: OnEpoch | None = None,
) -> tuple[Trained, list[History]]:
    """Soft-labelled rows first, then own rows; `counts`: epochs of both stages for each member, None: validation's."""
    spec, plain = _parts(task)
    gentle = _with_fit(plain, lr=spec.then_lr, epochs=spec.then_epochs)
    priors, ready = prepared(plain, stacked(own, rows), seed)
    number = torch.arange(len(ready))
    soft = (number >= len(own)) & (number < len(own) + len(rows))  # behind them stand own rows that borrow
    first, then = ready.take(number[soft]), ready.take(number[~soft])
    held = None
    if validation is not None:
        held = table(validation, log_priors(priors, plain.recipe.priors, validation), task.taxonomy.n_classes)
    networks, histories = [], []
    for member in range(task.recipe.members):
        one, two = (None, None) if counts is None else counts[member]
        draw = derive(seed, member)
        part = plain.below(f"member_{member}/soft")
        network, before = train_member(part, first, held, draw, [one], on_epoch)
        part = gentle.below(f"member_{member}/own")
        network, history = train_member(part, then, held, derive(draw, THEN), [two], on_epoch, network)
        networks.append(network)
        histories.append(replace(history, earlier=(before,)))
    return as_trained(plain, networks, priors), histories
