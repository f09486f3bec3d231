"""Proposes neighbours with faiss, the library of nearest neighbours: its exact index, no approximation."""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from heterophony.extras import import_extra


def propose_by_faiss(
    queries: Float32[Tensor, "queries dim"], bank: Float32[Tensor, "bank dim"], count: int, *, not_self: bool
) -> tuple[Int64[Tensor, "queries count"], Float32[Tensor, " queries"]]:
    """As `propose_by_torch`.

    Raises:
        MissingExtraError: faiss is not installed.
    """
    faiss = import_extra("faiss", "graph")
    index = faiss.IndexFlatL2(bank.shape[1])
    index.add(bank.contiguous().numpy())
    squared, found = (torch.from_numpy(part) for part in index.search(queries.contiguous().numpy(), count + not_self))
    if not_self:
        others = found != torch.arange(len(queries))[:, None]
        others[:, -1] &= ~others.all(dim=1)  # more twins than proposals: the row itself is not among them
        squared, found = squared[others].view(-1, count), found[others].view(-1, count)
    return found, squared.amax(dim=1)
