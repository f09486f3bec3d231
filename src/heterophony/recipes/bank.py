"""The samples that a saved graph model knows: how many, which, more of them, fewer of them. Its weights stay."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from heterophony.errors import InputError, ModelError
from heterophony.models import Banked, NodeBank
from heterophony.models.bank_growth import grown, shrunk
from heterophony.recipes.known_rows import KnownRows, joined, known_rows
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import GraphSpec
from heterophony.recipes.trained import Trained


def added(model: Trained, samples: Samples) -> Trained:
    """The model that knows these samples too. It was not taught by them: their labels are shown as evidence, no more.

    Args:
        model: A graph model; it stays as it is.
        samples: What is added; labels may be unknown.

    Raises:
        ModelError: It is no graph model.
        InputError: An id is known already, or comes twice.
    """
    before = known_of(model)
    taken = set(before.ids)
    doubled = [key for key, count in Counter(samples.ids).items() if count > 1 or key in taken]
    if doubled:
        raise InputError(
            f"{len(doubled)} ids are in the bank already, or come twice: {', '.join(doubled[:8])}; "
            "leave them out, or remove the old ones first"
        )
    after = joined(before, known_rows([samples], [], model.taxonomy))
    batch, apart = model.table(samples), _apart(model, after)
    return _with(model, after, lambda bank: grown(bank, batch, apart))


def removed(model: Trained, ids: Sequence[str]) -> Trained:
    """The model that does not know these samples any more; what they taught its weights stays.

    Args:
        model: A graph model; it stays as it is.
        ids: All rows with these.

    Raises:
        ModelError: It is no graph model.
        InputError: An id is not there, or too few samples would be left.
    """
    before = known_of(model)
    asked = set(ids)
    lacking = sorted(asked.difference(before.ids))
    if lacking or not asked:
        raise InputError(f"{len(lacking)} of {len(asked)} ids are not in the bank: {', '.join(lacking[:8])}")
    leaves = np.array([key in asked for key in before.ids])
    rows = torch.from_numpy(np.flatnonzero(leaves))
    after = before.take(~leaves)
    apart = _apart(model, after)
    return _with(model, after, lambda bank: shrunk(bank, rows, apart))


def known_of(model: Trained) -> KnownRows:
    """Who the rows are that a graph model knows.

    Raises:
        ModelError: It is no graph model.
    """
    if model.known is None or not isinstance(model.recipe.model, GraphSpec):
        raise ModelError(
            f"{model.recipe.name} ({model.recipe.model.name}) is no graph model, and knows no samples; "
            "`heterophony train graph/dm` makes one"
        )
    return model.known


def bank_facts(model: Trained) -> list[tuple[str, str]]:
    """Label to text: how many samples a graph model knows, by class and modality, and how far they lie apart.

    Raises:
        ModelError: It is no graph model.
    """
    known = known_of(model)
    bank = next(member.bank for member in model.members if isinstance(member, Banked))
    counts = Counter(known.labels)
    classes = ", ".join(f"{key} {counts[key]}" for key in [*model.taxonomy.classes, ""] if key and counts[key])
    groups = len({group for group in known.groups if group is not None})
    facts = [
        ("model", f"{model.recipe.name}, {model.recipe.model.name}"),
        ("samples", f"{len(known):,}" + (f" of {groups:,} groups" if groups else "")),
        ("classes", classes + (f"; {counts['']} without a class" if counts[""] else "")),
    ]
    for column, (name, edges) in enumerate(zip(bank.vectors, bank.adjacency, strict=True)):
        there = int(bank.present[:, column].sum())
        links = f"{there:,} have it, {edges.nnz / there:.0f} links each"
        facts.append((name, f"{links}; {_spread(bank, column)}"))
    return facts


def _spread(bank: NodeBank, column: int) -> str:
    """How far the samples lie from their neighbours."""
    own = bank.novelty[:, column].numpy()
    own = own[~np.isnan(own)]
    if not len(own):
        return "no sample has a neighbour outside its group"
    half, most = np.quantile(own, [0.5, 0.95])
    unit = list(bank.mu.values())[column]
    return f"distance to the neighbours {half:.2f} (median), {most:.2f} (95 %) of the mean distance {unit:.4g}"


def changed_card(card: str, what: str) -> str:
    """The card of a model whose bank was changed.

    Args:
        card: Of the model before.
        what: Was done, one sentence.
    """
    return (
        f"{card.rstrip()}\n\n## Changed bank\n\n{what} Weights, units of distance and temperatures are those of the "
        "training; the scores above are those of the model before this.\n"
    )


def _apart(model: Trained, known: KnownRows) -> tuple[str | None, ...] | None:
    """The groups, where the recipe does not link rows of one."""
    spec = model.recipe.model
    return None if isinstance(spec, GraphSpec) and spec.links_groups else known.groups


def _with(model: Trained, known: KnownRows, change: Callable[[NodeBank], NodeBank]) -> Trained:
    """The model with another bank in each of its networks, which share their weights with the old ones."""
    members: list[nn.Module] = []
    for member in model.members:
        if not isinstance(member, Banked):
            raise ModelError(f"{model.recipe.name}: one of its networks has no bank")
        other = Banked(member.network, member.modalities, member.settings)
        other.remember(change(member.bank))
        other.known()  # spread and saved with the bank, as after training
        members.append(other.eval())
    return replace(model, members=members, known=known)
