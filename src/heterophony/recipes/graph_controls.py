"""What must stand beside the number of a graph model: the same features without a graph, and a graph without training.

Source: audio_visual.md A.7. A transductive graph pools what belongs together (the segments of a clip, the clips of a
place), which models of single samples cannot do. Whether it does more than that is seen when its edges inside groups
are taken away, or when the answers of a plain network are averaged over the same neighbours.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import Float32, Float64
from scipy.sparse import csr_array, hstack, vstack

from heterophony.graph.composition import Composition, composition
from heterophony.graph.smoothing import correct_and_smooth, smooth
from heterophony.models import Banked
from heterophony.models.node_bank import mean_of
from heterophony.predictions import softmax
from heterophony.recipes.fold import Task, train_fold
from heterophony.recipes.inputs import stacked
from heterophony.recipes.protocol import seen_together
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import FitSpec, GraphSpec, HatrSpec, MlpSpec, Recipe
from heterophony.recipes.trained import Trained
from heterophony.recipes.transductive import of_the_graph

Logits = Float32[np.ndarray, "rows classes"]
PLAIN = FitSpec(epochs=100, batch=64, patience=30, monitor="accuracy")
"""How the models without a graph are fitted."""
MLP_RATE = 3e-3
"""Learning rate of the plain network; chosen with the settings of `graph/measured/*`, by `tools/graph_grid.py`."""


def graph_controls(
    task: Task, parts: tuple[Samples, Samples, Samples], trained: Trained, seed: int
) -> dict[str, Logits]:
    """What others say of the test rows of a fold.

    Args:
        task: Of the graph model.
        parts: Training rows, rows that choose the epoch, test rows.
        trained: The fitted graph model.
        seed: Of the fold.

    Returns:
        "mlp" and "hatr" on the same features; "mlp, smoothed" and "mlp, corrected and smoothed" over the model's own
        neighbours; and, where the graph links rows of one group, "no edges in groups", the model without those.
    """
    train, validation, test = parts
    plain = {name: _without_graph(task, model) for name, model in _plain_models(task.recipe).items()}
    fitted = {name: train_fold(one.below(f"control_{name}"), train, validation, seed)[0] for name, one in plain.items()}
    said = {name: one.say(one.table(test)).logits for name, one in fitted.items()}
    known = _known(task, parts)
    posterior = _posterior(fitted["mlp"], known)
    adjacency, training = _graph(trained, known, len(train)), np.arange(len(known)) < len(train)
    own = slice(len(known) - len(test), None)
    smoothed = smooth(posterior, adjacency)[own]
    corrected = correct_and_smooth(posterior, adjacency, known.target, training)[own]
    said |= {"mlp, smoothed": _logits(smoothed), "mlp, corrected and smoothed": _logits(corrected)}
    if _links_groups(task.recipe, train, test):
        said["no edges in groups"] = _without_edges_in_groups(task, parts, seed)
    return said


def neighbours_of(trained: Trained, parts: tuple[Samples, Samples, Samples], task: Task) -> dict[str, Composition]:
    """What the neighbours of the test rows are, for each modality."""
    known = _known(task, parts)
    training = np.arange(len(known)) < len(parts[0])
    test = np.arange(len(known) - len(parts[2]), len(known))
    return {
        name: composition(graph, known.target, known.groups, training, test)
        for name, graph in _graphs(trained, known, len(parts[0])).items()
    }


def _plain_models(recipe: Recipe) -> Mapping[str, HatrSpec | MlpSpec]:
    assert isinstance(recipe.model, GraphSpec)
    return {"mlp": MlpSpec(name="mlp", hidden=recipe.model.hidden), "hatr": HatrSpec(hidden=128)}


def _without_graph(task: Task, model: HatrSpec | MlpSpec) -> Task:
    fit = PLAIN.model_copy(update={"lr": MLP_RATE}) if isinstance(model, MlpSpec) else PLAIN
    return replace(task, recipe=task.recipe.model_copy(update={"model": model, "fit": fit}))


def _known(task: Task, parts: tuple[Samples, Samples, Samples]) -> Samples:
    """The rows of the graph and then, where these are not among them, the test rows."""
    train, validation, test = parts
    return stacked(stacked(train, validation), test) if _transductive(task.recipe) else stacked(train, test)


def _transductive(recipe: Recipe) -> bool:
    return isinstance(recipe.model, GraphSpec) and recipe.model.protocol == "transductive"


def _posterior(trained: Trained, samples: Samples) -> Float64[np.ndarray, "rows classes"]:
    return softmax(trained.say(trained.table(samples)).logits)


def _graph(trained: Trained, known: Samples, count: int) -> csr_array:
    """One graph of all: the mean of the modalities'."""
    return mean_of(list(_graphs(trained, known, count).values()))


def _graphs(trained: Trained, known: Samples, count: int) -> dict[str, csr_array]:
    """The graph of each modality; attached rows have edges to the others and to rows of their clip, these none back."""
    (member,) = [one for one in trained.members if isinstance(one, Banked)][:1]
    bank = member.bank
    if len(bank.present) == len(known):
        return dict(zip(bank.vectors, bank.adjacency, strict=True))
    new = np.arange(count, len(known))
    table = trained.table(known.take(new))
    found, own = member.neighbours(table), member.links_among(table)
    none = csr_array((count, len(new)), dtype=np.float32)
    return {
        name: csr_array(vstack([hstack([graph, none]), hstack([one.weights, own[name]])], format="csr"))
        for (name, one), graph in zip(found.items(), bank.adjacency, strict=True)
    }


def _logits(probabilities: Float64[np.ndarray, "rows classes"]) -> Logits:
    logits: Logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny)).astype(np.float32)
    return logits


def _links_groups(recipe: Recipe, train: Samples, test: Samples) -> bool:
    """Whether rows of one group, or of one clip, may be linked, and groups or clips are known."""
    linked = isinstance(recipe.model, GraphSpec) and recipe.model.links_groups
    clips = seen_together(recipe, test)
    together = clips is not None and len(set(clips.tolist())) < len(clips)
    return together or (linked and any(group is not None for group in train.groups))


def _without_edges_in_groups(task: Task, parts: tuple[Samples, Samples, Samples], seed: int) -> Logits:
    train, validation, test = parts
    alone = {} if _transductive(task.recipe) else {"protocol": "inductive"}
    model = task.recipe.model.model_copy(update={"same_group": False, **alone})
    apart = replace(task, recipe=task.recipe.model_copy(update={"model": model}))
    if _transductive(task.recipe):
        fitted, _ = train_fold(apart, train, validation, seed, beside=test)
        return of_the_graph(fitted, len(test)).logits
    fitted, _ = train_fold(apart, train, validation, seed)
    return fitted.say(fitted.table(test)).logits
