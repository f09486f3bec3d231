"""Cross-validation of a recipe: folds, predictions with every set of modalities, temperatures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from jaxtyping import Float32, Int

from heterophony.clips import (
    Split,
    given_split,
    grouped_split,
    is_official,
    is_segment,
    official_split,
    stratified_split,
)
from heterophony.errors import InputError
from heterophony.graph.composition import Composition
from heterophony.predictions import Predictions, fit_temperature
from heterophony.predictions.evidence import Evidence
from heterophony.recipes.evidence import evidence_of
from heterophony.recipes.extra import with_extra
from heterophony.recipes.fold import Task, derive, train_fold
from heterophony.recipes.graph_controls import graph_controls, neighbours_of
from heterophony.recipes.inputs import borrow
from heterophony.recipes.priors import log_priors
from heterophony.recipes.pseudo_labels import pool_of
from heterophony.recipes.rows import one_segment_each, sure_enough
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import GraphSpec, SplitSpec
from heterophony.recipes.teach import teach_fold
from heterophony.recipes.trained import Temperature, Trained, has_just, subsets
from heterophony.recipes.transductive import in_the_graph, of_the_graph
from heterophony.training import History

SEGMENTS = 5_021
"""What the seed of the draw of segments is derived with; the small numbers are those of members."""
OnEpoch = Callable[[int, dict[str, float]], None]
FEWEST = 50
"""Samples that a temperature needs."""
ENOUGH = 200
"""Samples below which a set of modalities is calibrated with borrowed pairs, if there are `FEWEST` of them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoldResult:
    """What one fold leaves behind.

    Attributes:
        fold: Its number.
        histories: One per member.
        validation: Predictions for the rows that chose the epoch; None where the model was fitted on them as well.
        test: Set of modalities ("sound", "sound+words") to predictions for the test rows that have all of them, as if
            they had no others.
        paired: The same for test rows that borrowed what they lack from other test rows; for calibration only.
        evidence: What lies behind the predictions of the test rows with all they have; None if it is not wanted.
        controls: What must stand beside a graph model (`graph_controls`), by name; empty for other models.
        neighbours: For each modality of a graph model what the neighbours of the test rows are.
    """

    fold: int
    histories: Sequence[History]
    validation: Predictions | None
    test: Mapping[str, Predictions]
    paired: Mapping[str, Predictions]
    evidence: Evidence | None = None
    controls: Mapping[str, Predictions] = field(default_factory=dict)
    neighbours: Mapping[str, Composition] = field(default_factory=dict)


def make_split(spec: SplitSpec, samples: Samples, given: Sequence[str | None]) -> Split:
    """The folds that a recipe asks for.

    Raises:
        InputError: The collection does not allow them: groups or folds unknown, a class with too few rows, segments of
            one clip that could come into different parts.
    """
    labels = samples.target.tolist()
    if spec.kind == "given":
        groups = samples.groups if all(group is not None for group in samples.groups) else None
        split = official_split if is_official(given) else given_split
        return split(labels, given, seed=spec.seed, groups=groups, ids=samples.ids)
    if spec.kind == "grouped":
        return grouped_split(labels, samples.groups, folds=spec.folds, seed=spec.seed, ids=samples.ids)
    if any(map(is_segment, samples.ids)):
        raise InputError("split.kind stratified would train on a clip's segments and test others; say grouped or given")
    return stratified_split(labels, folds=spec.folds, seed=spec.seed, ids=samples.ids)


def cross_validate(
    task: Task, samples: Samples, split: Split, extra: Samples | None = None, on_epoch: OnEpoch | None = None
) -> Iterator[tuple[FoldResult, Trained]]:
    """Trains and tests fold after fold; a fold draws the same alone as among the others."""
    for fold in range(split.folds):
        yield run_fold(task, samples, split, fold, extra, on_epoch)


def run_fold(
    task: Task,
    samples: Samples,
    split: Split,
    fold: int,
    extra: Samples | None = None,
    on_epoch: OnEpoch | None = None,
    *,
    evidence: bool = False,
) -> tuple[FoldResult, Trained]:
    """Trains and tests one fold.

    Args:
        task: Recipe, tree, sizes.
        samples: The collection.
        split: Its folds.
        fold: Which.
        extra: Rows of other data sets; those that the recipe wants enter the training rows.
        on_epoch: Called with the fold and each row of each history.
        evidence: Whether to give what lies behind the predictions too.

    Returns:
        What the fold leaves behind, and everything fitted.
    """
    train, validation, test = (samples.take(rows) for rows in split.parts(fold))
    train, validation = sure_enough(task.recipe, train), sure_enough(task.recipe, validation)
    seed = derive(task.recipe.seed, fold)
    train = one_segment_each(task.recipe, train, derive(seed, SEGMENTS))
    others = extra and one_segment_each(task.recipe, extra, derive(seed, SEGMENTS, 1))
    train, pool, hear = with_extra(task.recipe, train, others), pool_of(task.recipe, extra), _for_fold(on_epoch, fold)
    beside = in_the_graph(task.recipe, test)
    if pool is None:
        trained, histories = train_fold(task, train, validation, seed, hear, beside)
    else:
        trained, histories = teach_fold(task, train, pool, validation, seed, hear)
    whole = tuple(task.dims)
    said = trained.say(trained.table(test), whole) if beside is None else of_the_graph(trained, len(test))
    parts = [some for some in subsets(whole) if some != whole and beside is None]
    result = FoldResult(
        fold=fold,
        histories=histories,
        validation=_chosen(trained, validation, fold, None if beside is None else len(beside)),
        test={"+".join(some): _predict(trained, test, fold, some) for some in parts}
        | {"+".join(whole): _predictions(test, said.logits, fold, trained)},
        paired=_paired(trained, test, fold, seed),
        evidence=evidence_of(test, said) if evidence else None,
    )
    if evidence and isinstance(task.recipe.model, GraphSpec):
        return _beside(result, task, (train, validation, test), trained, seed), trained
    return result, trained


def _beside(
    result: FoldResult, task: Task, parts: tuple[Samples, Samples, Samples], trained: Trained, seed: int
) -> FoldResult:
    """The result of a graph model with what must stand beside it."""
    said = graph_controls(task, parts, trained, seed)
    controls = {name: _predictions(parts[2], logits, result.fold, trained) for name, logits in said.items()}
    return replace(result, controls=controls, neighbours=neighbours_of(trained, parts, task))


def validated(results: Sequence[FoldResult], modalities: Sequence[str]) -> list[FoldResult]:
    """The same with validation rows in place of test rows, for `calibrate` where the test part may decide nothing.

    A fold that has no such rows (`fit.validation`) is left out; of none, every temperature is 1.
    """
    whole = "+".join(modalities)
    return [replace(one, test={whole: one.validation}, paired={}) for one in results if one.validation is not None]


def calibrate(results: Sequence[FoldResult], modalities: Sequence[str]) -> dict[str, Temperature]:
    """A temperature for every set of modalities, from the test predictions of all folds.

    Where fewer than `ENOUGH` samples have the set, borrowed pairs count in their place; where neither are `FEWEST`, the
    largest temperature of the other sets (the least sure) is taken over, or 1 where no set has one.
    """
    fitted: dict[str, Temperature] = {}
    for some in subsets(modalities):
        key = "+".join(some)
        own = [_having(result, some) for result in results]
        lent = [result.paired[key] for result in results if key in result.paired]
        paired = sum(map(len, own)) < ENOUGH and sum(map(len, lent)) >= FEWEST
        tables = lent if paired else own
        count = sum(map(len, tables))
        if count >= FEWEST:
            logits, target = (np.concatenate([getattr(one, name) for one in tables]) for name in ("logits", "target"))
            fitted[key] = Temperature(value=fit_temperature(logits, target), samples=count, paired=paired)
    largest = max((one.value for one in fitted.values()), default=1.0)
    keys = ["+".join(some) for some in subsets(modalities)]
    return {key: fitted.get(key, Temperature(value=largest, samples=0)) for key in keys}


def _having(result: FoldResult, some: Sequence[str]) -> Predictions:
    """The test predictions from `some` modalities, of the rows that have all of them (the whole table has others)."""
    table = result.test.get("+".join(some))
    if table is None:  # the fold said nothing from these alone: its test rows were in the graph
        return next(iter(result.test.values())).take(np.arange(0))
    ids = set.intersection(*(set(result.test[name].ids if name in result.test else table.ids) for name in some))
    return table.take(np.flatnonzero([key in ids for key in table.ids]))


def _for_fold(on_epoch: OnEpoch | None, fold: int) -> Callable[[dict[str, float]], None] | None:
    return None if on_epoch is None else partial(on_epoch, fold)


def _predict(trained: Trained, samples: Samples, fold: int, some: Sequence[str]) -> Predictions:
    """Predictions from `some` modalities. Rows count that have all of them; where all are asked for, every row."""
    everything = len(some) == len(trained.dims)
    there = np.all([samples.present[name] for name in some], axis=0)
    rows = np.arange(len(samples)) if everything else np.flatnonzero(there)
    held = samples.take(rows)
    logits = trained.say(trained.table(held), some).logits if len(held) else _none(trained)
    return _predictions(held, logits, fold, trained)


def _chosen(trained: Trained, validation: Samples, fold: int, beside: int | None) -> Predictions | None:
    """Predictions for the rows that chose the epoch; None where the model was fitted on them as well."""
    if trained.recipe.fit.validation != "choose":
        return None
    if beside is None:
        return _predict(trained, validation, fold, tuple(trained.dims))
    return _predictions(validation, of_the_graph(trained, len(validation), beside).logits, fold, trained)


def _paired(trained: Trained, test: Samples, fold: int, seed: int) -> dict[str, Predictions]:
    """Predictions for borrowed pairs of the test rows, by the set of modalities that they then have."""
    if not trained.recipe.pairs:
        return {}
    specs = trained.recipe.priors
    said = log_priors(trained.priors, specs, test)
    made, _ = borrow(test, said, specs, trained.taxonomy, 1, derive(seed, 3))
    some = tuple(trained.dims)
    rows = np.flatnonzero(has_just(made, some))
    held = made.take(rows)
    return (
        {"+".join(some): _predictions(held, trained.say(trained.table(held)).logits, fold, trained)}
        if len(rows)
        else {}
    )


def _none(trained: Trained) -> Float32[np.ndarray, "none classes"]:
    return np.zeros((0, trained.taxonomy.n_classes), dtype=np.float32)


def _predictions(
    samples: Samples, logits: Float32[np.ndarray, "rows classes"], fold: int, trained: Trained
) -> Predictions:
    number: Int[np.ndarray, " rows"] = np.full(len(samples), fold, dtype=np.int64)
    ids = samples.ids if len(set(samples.ids)) == len(samples.ids) else _numbered(samples.ids)
    return Predictions(ids, logits, samples.target, number, trained.taxonomy.classes)


def _numbered(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{key} #{row}" for row, key in enumerate(ids))
