"""Whom a graph model asks about a sample, by name, and how far that is beside what is usual among those it knows."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float64

from heterophony.batches import Batch
from heterophony.graph.attach import Links
from heterophony.models import Banked, NodeBank
from heterophony.recipes.known_rows import KnownRows
from heterophony.recipes.trained import Trained
from heterophony.report.neighbourhood import Near, Neighbourhood

SHOWN = 3
"""Known samples that are named for each modality."""


def neighbourhoods(model: Trained, batch: Batch) -> list[Neighbourhood | None]:
    """For each sample its neighbourhood; None from models without a graph.

    Networks of one model know the same rows; the first is asked.

    Args:
        model: A trained recipe.
        batch: The table that it made.
    """
    member = model.members[0]
    if not isinstance(member, Banked) or model.known is None:
        return [None] * len(batch)
    found = member.neighbours(batch)
    share = novelty(member.bank, found)
    return [
        Neighbourhood(
            novelty=None if np.isnan(share[row]) else float(share[row]),
            nearest=_named(found, row, member.bank, model.known),
        )
        for row in range(len(batch))
    ]


def novelty(bank: NodeBank, found: Mapping[str, Links]) -> Float64[np.ndarray, " new"]:
    """The share of the bank's samples that lie nearer to their neighbours than a new one to its, 0..1.

    Each sample of the bank is measured without itself, so both are distances to others. Of several modalities the
    largest share counts: a file is new if any part of it is. nan where no modality can be compared.

    Args:
        bank: The known samples.
        found: For each modality what new samples are attached to.
    """
    shares = []
    for column, links in enumerate(found.values()):
        own = np.sort(bank.novelty[:, column].double().numpy())
        own = own[~np.isnan(own)]
        below = np.searchsorted(own, links.novelty, side="left") / max(1, len(own))
        shares.append(np.where(np.isnan(links.novelty) | (len(own) == 0), -1.0, below))
    largest = np.max(shares, axis=0)
    return np.where(largest < 0, np.nan, largest)


def _named(found: Mapping[str, Links], row: int, bank: NodeBank, known: KnownRows) -> dict[str, list[Near]]:
    """The nearest known samples in each modality that the row has."""
    return {
        name: [
            Near(id=known.ids[place], label=known.labels[place], words=known.words[place], distance=far / bank.mu[name])
            for place, far in zip(
                links.neighbours[row, :SHOWN].tolist(), links.distance[row, :SHOWN].tolist(), strict=True
            )
        ]
        for name, links in found.items()
        if not np.isnan(links.novelty[row])
    }
