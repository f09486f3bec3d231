"""How large the network of a recipe is, and how long it trains: Table 3 of multimodal graph fusion, for any recipe."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import torch
from torch.nn.functional import one_hot

from heterophony.batches import Batch
from heterophony.errors import ConfigError
from heterophony.recipes.build import build_model
from heterophony.recipes.build_graph import Around
from heterophony.recipes.fold import Task, train_member
from heterophony.recipes.spec import GraphSpec, Recipe
from heterophony.taxonomy import TAXONOMIES, Taxonomy, from_pairs
from heterophony.training import seeded

EPOCHS = 4
"""Epochs that are run to time one; the first, which warms up, does not count."""


@dataclass(frozen=True, slots=True)
class Size:
    """Trainable numbers of a network, encoders left out.

    Attributes:
        parameters: All of them.
        theta: Those that mix graphs, which are among them.
    """

    parameters: int
    theta: int


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of training.

    Attributes:
        start: Until the first epoch is done, without it: building the graphs is in it.
        epoch: One epoch, the median of some.
        whole: Both, for all epochs of the recipe.
    """

    start: float
    epoch: float
    whole: float


def task_of(recipe: Recipe, sizes: Mapping[str, int], n_classes: int) -> Task:
    """A recipe for vectors of given sizes.

    Args:
        recipe: Which.
        sizes: Modality to size; those that the recipe does not have do not matter.
        n_classes: Where the recipe names no tree.

    Raises:
        ConfigError: A modality has no size, or there are not two classes.
    """
    lacking = [name for name in recipe.modalities if name not in sizes]
    if lacking:
        raise ConfigError(f"recipe {recipe.name}: how large are the vectors of {', '.join(lacking)}? Add to --dims")
    if n_classes < 2 or min(sizes.values()) < 1:
        raise ConfigError(f"sizes {dict(sizes)}, {n_classes} classes; wanted 1 or more numbers and 2 or more classes")
    dims = {name: sizes[name] for name in recipe.modalities}
    return Task(recipe=recipe, taxonomy=TAXONOMIES.get(recipe.taxonomy) or _tree(n_classes), dims=dims)


def size_of(task: Task) -> Size:
    """The parameters of one network of a recipe."""
    with seeded(task.recipe.seed):
        network = build_model(task.recipe, task.dims, task.taxonomy)
    counts = {name: part.numel() for name, part in network.named_parameters() if part.requires_grad}
    theta = sum(count for name, count in counts.items() if name.rpartition(".")[2] == "theta")
    return Size(sum(counts.values()), theta)


def time_of(task: Task, rows: int, test_rows: int) -> Took:
    """Trains one network for some epochs on random vectors, as a fold would.

    Args:
        task: From `task_of`.
        rows: To train on.
        test_rows: In the graph without labels, where the recipe is transductive; they do not matter elsewhere.

    Raises:
        ConfigError: The recipe trains more than a network on vectors.
    """
    recipe = task.recipe
    if recipe.finetune is not None or recipe.joint is not None or recipe.pseudo is not None:
        raise ConfigError(
            f"recipe {recipe.name}: only networks on vectors are timed, no fine-tuning, no encoders and no teacher"
        )
    generator = torch.Generator().manual_seed(recipe.seed)
    train = random_batch(task, rows, generator)
    transductive = isinstance(recipe.model, GraphSpec) and recipe.model.protocol == "transductive"
    beside = random_batch(task, test_rows, generator) if transductive else None
    around = Around(groups=(None,) * (rows + (test_rows if transductive else 0)), beside=beside)
    at = [time.perf_counter()]
    train_member(task, train, None, recipe.seed, [EPOCHS], lambda _: at.append(time.perf_counter()), around=around)
    epoch = median(after - before for before, after in pairwise(at[1:]))
    start = max(0.0, at[1] - at[0] - epoch)
    return Took(start, epoch, start + epoch * recipe.fit.epochs)


def random_batch(task: Task, rows: int, generator: torch.Generator) -> Batch:
    """Normal numbers and classes drawn at random; nothing is absent."""
    classes = task.taxonomy.n_classes
    target = one_hot(torch.randint(classes, (rows,), generator=generator), classes).float()
    flat = torch.full((rows, classes), 1 / classes).log()
    return Batch(
        inputs={name: torch.randn(rows, dim, generator=generator) for name, dim in task.dims.items()},
        present=torch.ones(rows, len(task.dims), dtype=torch.bool),
        target=target,
        weight=torch.ones(rows),
        priors=dict.fromkeys(task.recipe.priors, flat),
    )


def _tree(n_classes: int) -> Taxonomy:
    return from_pairs("classes", [f"{number:04}" for number in range(n_classes)])
