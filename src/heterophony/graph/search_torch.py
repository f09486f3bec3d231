"""Proposes neighbours by products of blocks, with nothing but torch.

Sorting whole rows costs far more than the products do. So a row of distances is cut into groups of `GROUP`, and only
the groups with the smallest minima are looked into: the n nearest lie in the n groups whose nearest members are
nearest.
"""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

GROUP = 32
_AT_ONCE = 2**24  # distances that are held at the same time


def propose_by_torch(
    queries: Float32[Tensor, "queries dim"], bank: Float32[Tensor, "bank dim"], count: int, *, not_self: bool
) -> tuple[Int64[Tensor, "queries count"], Float32[Tensor, " queries"]]:
    """The `count` nearest rows of the bank as float32 sees them, unordered, and the squared distance of the farthest.

    Args:
        queries: Vectors to look up.
        bank: The others, more than `count` or as many; `queries` itself where `not_self`.
        count: How many.
        not_self: A query is not its own neighbour.
    """
    groups = -(-len(bank) // GROUP)
    width = groups * GROUP
    squares = torch.full((width,), torch.inf)
    squares[: len(bank)] = (bank * bank).sum(dim=1)
    turned = torch.zeros((bank.shape[1], width))
    turned[:, : len(bank)] = bank.T
    own = (queries * queries).sum(dim=1)
    index = torch.empty((len(queries), count), dtype=torch.int64)
    limit = torch.empty(len(queries))
    step = max(1, _AT_ONCE // width)
    for start in range(0, len(queries), step):
        part = slice(start, min(start + step, len(queries)))
        block = torch.addmm(squares, queries[part], turned, alpha=-2)
        if not_self:
            rows = torch.arange(len(block))
            block[rows, rows + start] = torch.inf
        near, index[part] = _smallest(block, groups, count)
        limit[part] = near.amax(dim=1) + own[part]
    return index, limit


def _smallest(
    block: Float32[Tensor, "rows width"], groups: int, count: int
) -> tuple[Float32[Tensor, "rows count"], Int64[Tensor, "rows count"]]:
    """The smallest numbers of each row and their columns. A group is every `groups`-th column."""
    folded = block.view(len(block), GROUP, groups)
    best = folded.amin(dim=1).topk(min(count, groups), dim=1, largest=False, sorted=False).indices
    columns = (torch.arange(GROUP)[:, None] * groups + best[:, None, :]).flatten(1)
    near, place = block.gather(1, columns).topk(count, dim=1, largest=False, sorted=False)
    return near, columns.gather(1, place)
