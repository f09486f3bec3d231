r"""The k nearest rows of a table, exactly: by Euclidean distance, ties by index, a row never its own neighbour.

The distance is $\lVert a - b \rVert_2$, of differences, in float64: the same bits whatever searches, in blocks of
whatever size. A fast search in float32 (`SEARCHES`) proposes some more than k; the proposals are measured exactly and
sorted. Every row then proves that nothing it left out can be nearer: by the bound of the rounding of a product in
float32, $|fl(a \cdot b) - a \cdot b| \le d\,u\,\lVert a \rVert \lVert b \rVert$ (N. J. Higham, "Accuracy and stability
of numerical algorithms", 2002, eq. 3.5). A row that cannot, because many lie at nearly one distance, measures all of
those.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from jaxtyping import Bool, Float32, Float64, Int64
from torch import Tensor

from heterophony.errors import ConfigError, InputError
from heterophony.graph.search_faiss import propose_by_faiss
from heterophony.graph.search_torch import propose_by_torch


class Propose(Protocol):
    """What a search does: indices, and the squared distance, as float32 sees it, below which nothing is left out."""

    def __call__(  # noqa: D102
        self, queries: Float32[Tensor, "queries dim"], bank: Float32[Tensor, "bank dim"], count: int, *, not_self: bool
    ) -> tuple[Int64[Tensor, "queries count"], Float32[Tensor, " queries"]]: ...


SEARCHES: Mapping[str, Propose] = {"torch": propose_by_torch, "faiss": propose_by_faiss}
"""What can propose neighbours, by name."""

MARGIN = 16
"""Proposals beyond k: enough that nearly every row can prove its list at once."""
_AT_ONCE = 2**24  # differences that are held at the same time


@dataclass(frozen=True, eq=False)
class Neighbours:
    """For each query its neighbours, nearest first.

    Attributes:
        index: Rows of the bank.
        distance: Euclidean, rising along a row.
    """

    index: Int64[Tensor, "queries k"]
    distance: Float64[Tensor, "queries k"]


def nearest(
    bank: Float32[Tensor, "bank dim"],
    k: int,
    *,
    queries: Float32[Tensor, "queries numbers"] | None = None,
    search: str = "torch",
) -> Neighbours:
    """The k nearest rows of `bank` for each query.

    Args:
        bank: Finite vectors.
        k: At least 1; clamped to the rows that there are.
        queries: Vectors to look up; None: the rows of the bank, none of which is its own neighbour.
        search: A name in `SEARCHES`. All give the same neighbours.

    Raises:
        ConfigError: `k` is below 1 or there is no such search.
        InputError: A vector is not finite, the sizes differ, or the bank has too few rows for a single neighbour.
        MissingExtraError: The library of the search is not installed.
    """
    asked = bank if queries is None else queries
    alone = queries is None
    if k < 1 or search not in SEARCHES:
        raise ConfigError(f"nearest: k={k}, search={search!r}; wanted k >= 1 and one of {', '.join(SEARCHES)}")
    if asked.shape[1] != bank.shape[1]:
        raise InputError(f"nearest: queries of {asked.shape[1]} numbers, a bank of {bank.shape[1]}")
    if not (bool(bank.isfinite().all()) and bool(asked.isfinite().all())):
        raise InputError("nearest: a vector is not finite; leave such rows out")
    there = len(bank) - alone
    if there < 1:
        raise InputError(f"nearest: a bank of {len(bank)} rows has no neighbour to give")
    k = min(k, there)
    middle = bank.mean(dim=0)  # distances do not change, and small vectors lose less in a product
    a, b = asked - middle, bank - middle
    some, limit = SEARCHES[search](a, b, min(k + MARGIN, there), not_self=alone)
    found = _measured(asked, bank, some, k)
    if some.shape[1] < there:
        slack = _slack(a, b)
        unsure = found.distance[:, -1] ** 2 >= limit.double() - slack
        _search_again(asked, bank, limit.double() + 2 * slack, unsure, found, alone=alone)
    return found


def _slack(a: Float32[Tensor, "queries dim"], b: Float32[Tensor, "bank dim"]) -> Float64[Tensor, " queries"]:
    """How far a squared distance in float32 may be from the true one, for each query."""
    own, other = a.double().norm(dim=1), b.double().norm(dim=1).max()
    unit = torch.finfo(torch.float32).eps / 2
    # the products' sum, the two squared norms and the centring, each rounded; (|a| + |b|)^2 bounds them all
    bound: Tensor = 2 * (a.shape[1] + 8) * unit * (own + other) ** 2
    return bound


def _measured(
    asked: Float32[Tensor, "queries dim"],
    bank: Float32[Tensor, "bank dim"],
    some: Int64[Tensor, "queries some"],
    k: int,
) -> Neighbours:
    """The k nearest of the proposals."""
    some = some.sort(dim=1).values  # a stable sort by distance then leaves equal ones in the order of their index
    step = max(1, _AT_ONCE // (some.shape[1] * asked.shape[1]))
    index = torch.empty((len(asked), k), dtype=torch.int64)
    distance = torch.empty((len(asked), k), dtype=torch.float64)
    for start in range(0, len(asked), step):
        part = slice(start, start + step)
        far = distances(asked[part], bank, some[part])
        far, order = far.sort(dim=1, stable=True)
        index[part] = some[part].gather(1, order[:, :k])
        distance[part] = far[:, :k]
    return Neighbours(index, distance)


def distances(
    asked: Float32[Tensor, "queries dim"], bank: Float32[Tensor, "bank dim"], index: Int64[Tensor, "queries some"]
) -> Float64[Tensor, "queries some"]:
    """Euclidean distances of each query to some rows of the bank, of differences in float64."""
    difference = bank[index].double().sub_(asked[:, None].double())
    far: Tensor = difference.square_().sum(dim=2).sqrt_()
    return far


def _search_again(
    asked: Float32[Tensor, "queries dim"],
    bank: Float32[Tensor, "bank dim"],
    within: Float64[Tensor, " queries"],
    unsure: Bool[Tensor, " queries"],
    found: Neighbours,
    *,
    alone: bool,
) -> None:
    """Measures, for the rows that are not sure, everything that may be as near; writes into `found`."""
    k, middle = found.index.shape[1], bank.mean(dim=0)
    b = bank - middle
    squares = (b * b).sum(dim=1)
    for rows in torch.split(unsure.nonzero()[:, 0], max(1, _AT_ONCE // len(bank))):
        a = asked[rows] - middle
        about = torch.addmm(squares, a, b.T, alpha=-2).double() + (a * a).sum(dim=1, keepdim=True)
        if alone:
            about.scatter_(1, rows[:, None], torch.inf)
        for row, far in zip(rows.tolist(), about, strict=True):
            near = (far <= within[row]).nonzero()[:, 0]
            one = _measured(asked[row : row + 1], bank, near[None], k)
            found.index[row], found.distance[row] = one.index[0], one.distance[0]
