"""From arrays to the table that a network reads, with rows that borrow what they lack."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int

from heterophony.batches import Batch
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import PriorSpec
from heterophony.taxonomy import Taxonomy

Said = Mapping[str, Float32[np.ndarray, "_ classes"]]
Sources = Mapping[str, Int[np.ndarray, " _"]]


def table(samples: Samples, said: Said, n_classes: int, weight: Float32[np.ndarray, " rows"] | None = None) -> Batch:
    """The rows as a table in memory.

    Args:
        samples: The rows.
        said: What each prior says of each row.
        n_classes: Columns of the target; rows without a label have none.
        weight: Of each row in the loss; None: 1.
    """
    target = np.zeros((len(samples), n_classes), dtype=np.float32)
    known = np.flatnonzero(samples.target >= 0)
    target[known, samples.target[known]] = 1.0
    if samples.soft is not None:
        target = np.where(np.isnan(samples.soft), target, samples.soft)
    return Batch(
        inputs={name: torch.from_numpy(x) for name, x in samples.vectors.items()},
        present=torch.from_numpy(np.stack(list(samples.present.values()), axis=1)),
        target=torch.from_numpy(target),
        weight=torch.ones(len(samples)) if weight is None else torch.from_numpy(weight),
        priors={name: torch.from_numpy(x) for name, x in said.items()},
    )


def keep_only(batch: Batch, modalities: Sequence[str]) -> Batch:
    """The same rows as if they had no other modalities than these."""
    kept = torch.tensor([name in modalities for name in batch.modalities])
    return replace(batch, present=batch.present & kept)


def borrow(
    samples: Samples, said: Said, priors: Mapping[str, PriorSpec], taxonomy: Taxonomy, copies: int, seed: int
) -> tuple[Samples, Said]:
    """Copies of the rows that lack a modality, completed with that of a random row of the same class.

    A class of which no row has the modality borrows from its siblings under the same top, so that a network learns that
    the modality says no more than the top there; a top without any is left out. The idea is that of the cross-modal
    swap within a class (audio_text.md 4.7), for collections whose sounds and words come from different places. Rows
    without a label of their own (`target` -1) neither borrow nor lend.

    Args:
        samples: The rows that may be drawn from.
        said: What each prior says of them (out of fold, where they fitted it).
        priors: Which modality each prior goes with.
        taxonomy: Classes and tops.
        copies: How many for each row.
        seed: Of the draw.

    Returns:
        The new rows only, and what the priors say of them.
    """
    generator = np.random.default_rng(seed)
    lacking = np.flatnonzero(~np.stack(list(samples.present.values())).all(axis=0) & (samples.target >= 0))
    rows = np.repeat(lacking, copies)
    sources = {name: _lenders(samples, name, rows, taxonomy, generator) for name in samples.vectors}
    found = np.flatnonzero(np.stack(list(sources.values())).min(axis=0) >= 0) if len(rows) else rows
    rows, sources = rows[found], {name: lender[found] for name, lender in sources.items()}
    words = sources.get("words", rows)
    made = Samples(
        ids=tuple(f"{samples.ids[row]} + {samples.ids[word]}" for row, word in zip(rows, words, strict=True)),
        texts=tuple(samples.texts[row] for row in words),
        groups=tuple(samples.groups[row] for row in rows),
        target=samples.target[rows],
        confidence=samples.confidence[rows],
        sources=tuple(samples.sources[row] for row in rows),
        vectors={name: x[sources[name]] for name, x in samples.vectors.items()},
        present={name: np.ones(len(rows), dtype=np.bool_) for name in samples.vectors},
        soft=None if samples.soft is None else samples.soft[rows],
    )
    return made, {name: said[name][sources[spec.of]] for name, spec in priors.items()}


def _lenders(
    samples: Samples, modality: str, rows: Int[np.ndarray, " rows"], taxonomy: Taxonomy, generator: np.random.Generator
) -> Int[np.ndarray, " rows"]:
    """For each row the row whose modality it gets: itself, one of its class, one of its top, or -1."""
    there: Bool[np.ndarray, " all"] = samples.present[modality] & (samples.target >= 0)
    lender = np.where(there[rows], rows, -1)
    top_of = np.array(taxonomy.top_of)
    for label in np.unique(samples.target[rows]):
        seekers = np.flatnonzero((lender < 0) & (samples.target[rows] == label))
        pool = np.flatnonzero(there & (samples.target == label))
        if not len(pool):
            pool = np.flatnonzero(there & (top_of[samples.target] == top_of[label]))
        if len(pool) and len(seekers):
            lender[seekers] = generator.choice(pool, len(seekers))
    return lender


def joined(first: tuple[Samples, Said], second: tuple[Samples, Said]) -> tuple[Samples, Said]:
    """The rows of both, one after the other."""
    return stacked(first[0], second[0]), {name: np.concatenate([x, second[1][name]]) for name, x in first[1].items()}


def stacked(a: Samples, b: Samples) -> Samples:
    """The rows of both, one after the other."""
    return Samples(
        ids=a.ids + b.ids,
        texts=a.texts + b.texts,
        groups=a.groups + b.groups,
        target=np.concatenate([a.target, b.target]),
        confidence=np.concatenate([a.confidence, b.confidence]),
        sources=a.sources + b.sources,
        vectors={name: np.concatenate([x, b.vectors[name]]) for name, x in a.vectors.items()},
        present={name: np.concatenate([there, b.present[name]]) for name, there in a.present.items()},
        soft=_stacked_soft(a, b),
    )


def _stacked_soft(a: Samples, b: Samples) -> Float32[np.ndarray, "rows classes"] | None:
    """The soft targets of both; NaN for the rows of a part that has none."""
    n_classes = next((part.soft.shape[1] for part in (a, b) if part.soft is not None), None)
    if n_classes is None:
        return None
    none = [np.full((len(part), n_classes), np.nan, dtype=np.float32) for part in (a, b)]
    return np.concatenate([empty if part.soft is None else part.soft for part, empty in zip((a, b), none, strict=True)])
