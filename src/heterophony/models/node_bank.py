"""The samples that a graph model knows: their vectors, graphs and units, and how new samples are attached to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int64
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import InputError
from heterophony.graph.attach import Bank, Links, attached, links, links_among
from heterophony.graph.composition import numbered, without_same_group
from heterophony.graph.laplacian import degrees, normalised
from heterophony.graph.mean_distance import mean_distance
from heterophony.graph.nearest import Neighbours, nearest
from heterophony.graph.similarity import Symmetry, linked
from heterophony.models.nodes import Nodes, nodes, with_attached

Vectors = Mapping[str, Float32[Tensor, "samples _"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphSettings:
    """How samples become nodes.

    Attributes:
        k: Neighbours of each sample in each modality.
        symmetry: See `graph.similarity_graph`.
        mix: "separate" graphs, one per modality; or one, the mean of their "adjacency" or "laplacian" matrices.
        features: What enters a graph: the vectors of all modalities side by side ("joined"), or its "own".
        scale: What is done to vectors first: "none", "zscore" (by the bank's mean and deviation of each number) or
            "l2".
        search: See `graph.nearest`.
    """

    k: int = 60
    symmetry: Symmetry = "union"
    mix: Literal["separate", "adjacency", "laplacian"] = "separate"
    features: Literal["joined", "own"] = "joined"
    scale: Literal["none", "zscore", "l2"] = "none"
    search: str = "torch"


@dataclass(frozen=True, kw_only=True, eq=False)
class NodeBank:
    """Known samples.

    Attributes:
        settings: How they became nodes.
        vectors: Modality to vectors, scaled; rows of absent ones are zero.
        present: `[samples, modalities]`.
        shift, stretch: Modality to what was taken off each number, and what it was then divided by.
        mu: Modality to its unit of distance.
        adjacency: For each modality its graph, without self loops.
        novelty: How far each sample is from its neighbours in the bank, in units of mu, as `graph.attach.Links` has it
            for new ones; nan where the modality is absent. Where groups are kept apart, its own group does not count,
            and a sample whose neighbours are all of its group has nan.
    """

    settings: GraphSettings
    vectors: Vectors
    present: Bool[Tensor, "samples modalities"]
    shift: Mapping[str, Float32[Tensor, " _"]]
    stretch: Mapping[str, Float32[Tensor, " _"]]
    mu: Mapping[str, float]
    adjacency: Sequence[csr_array]
    novelty: Float32[Tensor, "samples modalities"]

    def graphs(self) -> list[csr_array]:
        """The graphs that are mixed by the model, or the one that is their mean."""
        return [mean_of(self.adjacency)] if self.settings.mix == "adjacency" else list(self.adjacency)

    def laplacians(self) -> list[csr_array]:
        """Their normalised matrices, or the one that is the mean of these."""
        made = [normalised(graph) for graph in self.graphs()]
        return [mean_of(made)] if self.settings.mix == "laplacian" else made

    def features(self, vectors: Vectors) -> list[Float32[Tensor, "samples _"]]:
        """For each graph what enters it."""
        if self.settings.features == "own":
            return list(vectors.values())
        joined = torch.cat(list(vectors.values()), dim=1)
        return [joined] * (len(self.adjacency) if self.settings.mix == "separate" else 1)

    def presence(self, present: Bool[Tensor, "samples modalities"]) -> Bool[Tensor, "samples graphs"]:
        """Whether a sample has what each graph is of; a mean of graphs is of anything."""
        return present if self.settings.mix == "separate" else present.any(dim=1, keepdim=True)

    def nodes(
        self, rows: Int64[Tensor, " asked"] | None = None, first: Sequence[Float32[Tensor, "samples _"]] | None = None
    ) -> Nodes:
        """The known samples; `rows` None asks for all; `first` are their spread features, where they are known."""
        return nodes(self.features(self.vectors), self.laplacians(), self.presence(self.present), rows, first)

    def scaled(self, batch: Batch) -> dict[str, Float32[Tensor, "new _"]]:
        """The vectors of other samples, scaled as the bank's; zero where absent."""
        made = {}
        for column, (name, x) in enumerate(batch.inputs.items()):
            moved = (x - self.shift[name]) / self.stretch[name]
            made[name] = _unit(moved, self.settings) * batch.present[:, column, None]
        return made

    def links(self, vectors: Vectors, present: Bool[Tensor, "new modalities"]) -> list[Links]:
        """The neighbours of other samples, for each modality."""
        found = []
        for column, name in enumerate(self.vectors):
            rows = self.present[:, column].nonzero()[:, 0]
            bank = Bank(
                vectors=self.vectors[name][rows], rows=rows.numpy(), samples=len(self.present), mu=self.mu[name]
            )
            there = present[:, column].numpy()
            found.append(links(vectors[name], there, bank, k=self.settings.k, search=self.settings.search))
        return found

    def attach(self, known: Nodes, batch: Batch) -> Nodes:
        """Other samples below the known ones, each attached to its own neighbours, and to others of its clip.

        Args:
            known: `nodes()` of this bank.
            batch: The others, with the modalities of the bank. Without `clips` they do not see each other.
        """
        vectors = self.scaled(batch)
        found = self.links(vectors, batch.present)
        among = [None if batch.clips is None else self.among(name, vectors, batch) for name in vectors]
        weights = [one.weights for one in found]
        if self.settings.mix == "adjacency":
            weights = [mean_of(weights)]
            among = [None if batch.clips is None else mean_of([one for one in among if one is not None])]
        own = [degrees(graph) for graph in self.graphs()]
        rows = [attached(w, d, a) for w, d, a in zip(weights, own, among, strict=True)]
        rows = [mean_of(rows)] if self.settings.mix == "laplacian" else rows
        features = self.features(vectors)
        return with_attached(known, self.features(self.vectors), features, rows, self.presence(batch.present))

    def among(self, name: str, vectors: Vectors, batch: Batch) -> csr_array:
        """Weights of links between other samples of one clip, in one modality; none where the batch has no clips."""
        there = batch.present[:, list(vectors).index(name)].numpy()
        clips = np.arange(len(batch)) if batch.clips is None else batch.clips.numpy()
        own = np.where(there, clips, clips.max() + 1 + np.arange(len(clips)))  # who lacks it is alone
        return links_among(vectors[name], own, self.mu[name], k=self.settings.k)


def node_bank(batch: Batch, settings: GraphSettings, groups: Sequence[str | None] | None = None) -> NodeBank:
    """Builds the graphs of known samples.

    Args:
        batch: Them.
        settings: How.
        groups: Where given, samples of one group are not linked: a new sample will have none of its own group there.

    Raises:
        InputError: A modality is there in fewer than two samples.
    """
    units = Units({}, {}, {})
    vectors = {}
    for name, x in batch.inputs.items():
        rows = _rows_with(name, list(batch.inputs), batch.present)
        units.shift[name], units.stretch[name] = _scaling(x[rows], settings)
        there = _unit((x[rows] - units.shift[name]) / units.stretch[name], settings)
        vectors[name] = torch.zeros_like(x).index_copy(0, rows, there)
        units.mu[name] = mean_distance(there)
    return bank_of(vectors, batch.present, settings, units, groups)


@dataclass(frozen=True, eq=False)
class Units:
    """By what the vectors of a bank were scaled, and distances are measured; see `NodeBank`."""

    shift: dict[str, Float32[Tensor, " _"]]
    stretch: dict[str, Float32[Tensor, " _"]]
    mu: dict[str, float]


def bank_of(
    vectors: Vectors,
    present: Bool[Tensor, "samples modalities"],
    settings: GraphSettings,
    units: Units,
    groups: Sequence[str | None] | None = None,
) -> NodeBank:
    """Links samples whose vectors are scaled already, distances in units that are known; else as `node_bank`."""
    novelty, graphs = torch.full(present.shape, torch.nan), []
    for column, (name, x) in enumerate(vectors.items()):
        rows = _rows_with(name, list(vectors), present)
        found = nearest(x[rows], settings.k, search=settings.search)
        novelty[rows, column] = _novelty(
            found, units.mu[name], None if groups is None else [groups[row] for row in rows.tolist()]
        )
        graph = _spread_out(linked(found, units.mu[name], settings.symmetry), rows.numpy(), len(present))
        graphs.append(graph if groups is None else without_same_group(graph, groups))
    return NodeBank(
        settings=settings,
        vectors=vectors,
        present=present,
        shift=units.shift,
        stretch=units.stretch,
        mu=units.mu,
        adjacency=graphs,
        novelty=novelty,
    )


def _rows_with(name: str, names: Sequence[str], present: Bool[Tensor, "samples modalities"]) -> Int64[Tensor, " there"]:
    """Samples that have a modality."""
    rows = present[:, names.index(name)].nonzero()[:, 0]
    if len(rows) < 2:
        raise InputError(f"{name}: {len(rows)} of {len(present)} samples have it; a graph needs two or more")
    return rows


def _novelty(found: Neighbours, mu: float, groups: Sequence[str | None] | None) -> Float32[Tensor, " there"]:
    """Mean distance of each row to its neighbours, those of its own group left out, in units of mu."""
    if groups is None:
        return (found.distance.mean(dim=1) / mu).float()
    number = torch.from_numpy(numbered(groups))
    apart = (number[found.index] != number[:, None]) | (number < 0)[:, None]
    mean = (found.distance * apart).sum(dim=1) / apart.sum(dim=1)  # 0 / 0 is nan
    return (mean / mu).float()


def mean_of(matrices: Sequence[csr_array]) -> csr_array:
    """The mean of sparse matrices; the only one as it is."""
    if len(matrices) == 1:
        return matrices[0]
    total = matrices[0]
    for one in matrices[1:]:
        total = total + one
    mean = csr_array(total * np.float32(1 / len(matrices)))
    mean.sort_indices()
    return mean


def _scaling(x: Float32[Tensor, "rows dim"], settings: GraphSettings) -> tuple[Tensor, Tensor]:
    """What to take off and to divide by; a number that never changes is divided by 1."""
    if settings.scale != "zscore":
        return torch.zeros(x.shape[1]), torch.ones(x.shape[1])
    deviation = x.std(dim=0, correction=0)
    return x.mean(dim=0), torch.where(deviation > 0, deviation, 1.0)


def _unit(x: Float32[Tensor, "rows dim"], settings: GraphSettings) -> Float32[Tensor, "rows dim"]:
    """Rows of length 1 where that is wanted; a row of zeros stays one."""
    return torch.nn.functional.normalize(x) if settings.scale == "l2" else x


def _spread_out(graph: csr_array, rows: Int64[np.ndarray, " there"], samples: int) -> csr_array:
    """A graph of some samples as one of all, in which the others have no edges."""
    if len(rows) == samples:
        return graph
    edges = graph.tocoo()
    whole = csr_array((edges.data, (rows[edges.row], rows[edges.col])), shape=(samples, samples))
    whole.sort_indices()
    return whole
