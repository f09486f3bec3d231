"""What a graph model reads: features already spread once, and the graphs that spread what it makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.errors import AlignmentError
from heterophony.graph.sparse import Appended, Sparse, sparse


@dataclass(frozen=True, kw_only=True, eq=False)
class Nodes:
    """Samples as the nodes of one graph per modality, of which some are asked for.

    Attributes:
        first: For each graph L_m X_m, spread once for all since it never changes.
        graphs: For each graph L_m, all rows.
        asked: For each graph the rows of L_m that are asked for.
        own: For each graph what enters it (X_m), of the samples asked for.
        rows: Which samples are asked for; the order of all outputs.
        present: Whether each sample has the modality of each graph.
    """

    first: Sequence[Float[Tensor, "samples _"]]
    graphs: Sequence[Sparse | Appended]
    asked: Sequence[Sparse | Appended]
    own: Sequence[Float[Tensor, "asked _"]]
    rows: Int64[Tensor, " asked"]
    present: Bool[Tensor, "samples graphs"]


def nodes(
    features: Sequence[Float[Tensor, "samples _"]],
    laplacians: Sequence[csr_array],
    present: Bool[Tensor, "samples graphs"] | None = None,
    rows: Int64[Tensor, " asked"] | None = None,
    first: Sequence[Float[Tensor, "samples _"]] | None = None,
) -> Nodes:
    """Spreads the features once and cuts out the rows that are asked for.

    Args:
        features: For each graph what enters it: the vectors of its modality (AT-GCN), or those of all side by side
            (DM-GCN).
        laplacians: The normalised matrix of each, `[samples, samples]`.
        present: None where no sample lacks a modality.
        rows: None asks for all.
        first: The spread features, where they are known; None spreads them.

    Raises:
        AlignmentError: Numbers of graphs or samples differ.
    """
    samples = len(features[0])
    shapes = [tuple(one.shape) for one in laplacians]
    if len(features) != len(laplacians) or any(shape != (samples, samples) for shape in shapes):
        raise AlignmentError(f"nodes: {len(features)} tables of {samples} samples, but graphs of shapes {shapes}")
    graphs = [sparse(one, features[0].dtype) for one in laplacians]
    there = torch.ones((samples, len(graphs)), dtype=torch.bool) if present is None else present
    if first is None:
        pairs = zip(graphs, features, strict=True)
        first = [graph @ (x * there[:, place, None]) for place, (graph, x) in enumerate(pairs)]
    return of_rows(
        Nodes(first=first, graphs=graphs, asked=graphs, own=features, rows=torch.arange(samples), present=there),
        laplacians,
        rows,
    )


def of_rows(given: Nodes, laplacians: Sequence[csr_array], rows: Int64[Tensor, " asked"] | None) -> Nodes:
    """The samples of which all are asked for, some of them asked for; None asks for all.

    Raises:
        AlignmentError: Only some were asked for before.
    """
    if len(given.rows) != len(given.present):
        raise AlignmentError(f"of_rows: {len(given.rows)} of {len(given.present)} samples are asked for; give all")
    if rows is None:
        return given
    asked = [sparse(csr_array(one[rows.numpy()]), given.first[0].dtype) for one in laplacians]
    own = [x[rows] for x in given.own]
    return Nodes(first=given.first, graphs=given.graphs, asked=asked, own=own, rows=rows, present=given.present)


def with_attached(
    bank: Nodes,
    known: Sequence[Float[Tensor, "samples _"]],
    features: Sequence[Float[Tensor, "new _"]],
    rows: Sequence[csr_array],
    present: Bool[Tensor, "new graphs"],
) -> Nodes:
    """A bank with new samples below it, which are asked for. Nothing of the bank changes.

    Args:
        bank: Its nodes.
        known: The features that they were made of.
        features: Those of the new samples.
        rows: For each graph the rows of the new samples, `[new, samples + new]` (`graph.attach`).
        present: Which modalities the new samples have.
    """
    below = [sparse(one, bank.first[0].dtype) for one in rows]
    count = len(bank.present)
    first = []
    for place, (old, new) in enumerate(zip(known, features, strict=True)):
        seen = torch.cat([old * bank.present[:, place, None], new * present[:, place, None]])
        first.append(torch.cat([bank.first[place], below[place] @ seen]))
    return Nodes(
        first=first,
        graphs=[_appended(top, one) for top, one in zip(bank.graphs, below, strict=True)],
        asked=below,
        own=features,
        rows=torch.arange(count, count + len(present)),
        present=torch.cat([bank.present, present]),
    )


def _appended(top: Sparse | Appended, below: Sparse) -> Appended:
    if isinstance(top, Appended):
        raise AlignmentError("with_attached: these nodes have attached samples already; attach all to the bank at once")
    return Appended(top, below)
