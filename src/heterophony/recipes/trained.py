"""A trained recipe in memory: networks, priors, tree and temperatures; and what it says of samples."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float32
from torch import nn

from heterophony.batches import Batch
from heterophony.errors import InputError
from heterophony.predictions import log_softmax
from heterophony.recipes.inputs import keep_only, table
from heterophony.recipes.known_rows import KnownRows
from heterophony.recipes.priors import Priors, log_priors
from heterophony.recipes.protocol import seen_together
from heterophony.recipes.samples import Samples
from heterophony.recipes.spec import Recipe
from heterophony.taxonomy import Taxonomy
from heterophony.training import infer


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperature:
    """How the logits of samples with one set of modalities are made probabilities.

    Attributes:
        value: T of `predictions.softmax`.
        samples: How many it was fitted on; 0 where it was taken over from the least sure of the other sets.
        paired: True if those samples borrowed a modality from others of their class.
    """

    value: float
    samples: int
    paired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Said:
    """What a trained recipe says of samples.

    Attributes:
        logits: `[rows, classes]`, not calibrated; NaN where a row has none of the modalities that were asked for.
        attention: Modality to its weight, `[rows]`; 0 where absent.
        latent: The vector in front of the heads of the first network, `[rows, dim]`; NaN where `logits` are.
    """

    logits: Float32[np.ndarray, "rows classes"]
    attention: Mapping[str, Float32[np.ndarray, " rows"]]
    latent: Float32[np.ndarray, "rows dim"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """A recipe after training.

    Attributes:
        recipe: What it was trained by.
        taxonomy: Its classes.
        dims: Modality to size of embedding.
        members: Networks whose log-probabilities are averaged.
        priors: The fitted class priors.
        temperatures: Set of modalities, joined by "+" in the order of `dims`, to its temperature; empty if
            not calibrated.
        known: Who the rows are that a graph model knows; None for other models.
    """

    recipe: Recipe
    taxonomy: Taxonomy
    dims: Mapping[str, int]
    members: Sequence[nn.Module]
    priors: Priors
    temperatures: Mapping[str, Temperature]
    known: KnownRows | None = None

    def to(self, device: str) -> "Trained":
        """The same, its networks on `device`."""
        return replace(self, members=[member.to(device) for member in self.members])

    def table(self, samples: Samples) -> Batch:
        """The samples as the networks read them."""
        made = table(samples, log_priors(self.priors, self.recipe.priors, samples), self.taxonomy.n_classes)
        return replace(made, clips=seen_together(self.recipe, samples))

    def say(self, batch: Batch, modalities: Sequence[str] | None = None) -> Said:
        """Runs the networks on rows that `table` made, as if they had no other `modalities` than these (None: all)."""
        asked = batch if modalities is None else keep_only(batch, modalities)
        rows = asked.present.any(dim=1).nonzero().flatten()
        logits = np.full((len(batch), self.taxonomy.n_classes), np.nan, dtype=np.float32)
        attention = np.zeros((len(batch), len(self.dims)), dtype=np.float32)
        latent = np.full((len(batch), 0), np.nan, dtype=np.float32)
        if len(rows):
            where = next(self.members[0].parameters()).device
            outputs = [infer(member, asked.take(rows).to(where)) for member in self.members]
            logits[rows] = average([output.logits["class"].float().cpu().numpy() for output in outputs])
            attention[rows] = np.mean([output.attention.float().cpu().numpy() for output in outputs], axis=0)
            latent = np.full((len(batch), outputs[0].latent.shape[1]), np.nan, dtype=np.float32)
            latent[rows] = outputs[0].latent.float().cpu().numpy()
        return Said(logits=logits, attention=dict(zip(self.dims, attention.T, strict=True)), latent=latent)

    def temperature(self, modalities: Sequence[str]) -> float:
        """The temperature for samples with just these modalities.

        Raises:
            InputError: The model is calibrated, but not for this set.
        """
        if not self.temperatures:
            return 1.0
        key = "+".join(modalities)
        if key not in self.temperatures:
            raise InputError(f"no temperature for samples with {key}; there are: {', '.join(self.temperatures)}")
        return self.temperatures[key].value


def average(logits: Sequence[Float32[np.ndarray, "rows classes"]]) -> Float32[np.ndarray, "rows classes"]:
    """The mean of the log-probabilities of several networks; the logits themselves if there is one."""
    if len(logits) == 1:
        return logits[0]
    return np.asarray(np.mean([log_softmax(one) for one in logits], axis=0), dtype=np.float32)


def subsets(modalities: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every non-empty set of modalities, the smallest first, each in the order given."""
    for size in range(1, len(modalities) + 1):
        yield from combinations(modalities, size)


def has_just(samples: Samples, modalities: Sequence[str]) -> Bool[np.ndarray, " rows"]:
    """Rows that have these modalities and no other."""
    return np.asarray(np.all([there == (name in modalities) for name, there in samples.present.items()], axis=0))
